from pydantic import BaseModel, ConfigDict


class DicomWebOptions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    url: str
    token_file: str | None = None


class DicomWeb:
    def __init__(self, options):
        pass

    def store(self, data):
        raise NotImplementedError
