"""Results as lines of JSON: those of `/predict/batch`, with the file that each belongs to."""

from typing import Literal, TextIO

from pydantic import BaseModel, Field

from service import DISCLAIMER
from service.schemas import BatchResult, BatchResultLine, BatchSummary, ModelIdentity


class NamedResult(BatchResultLine):
    """One image; `index` and `file` count over all the files of the command."""

    path: str = Field(description="the file as it was typed")
    entry: int | None = Field(description="number of the file in the ZIP that `path` names; null outside of a ZIP")


class SummaryLine(BaseModel):
    """The last line; `model` is null where no answer named one."""

    kind: Literal["summary"] = "summary"
    summary: BatchSummary
    model: ModelIdentity | None
    disclaimer: str = DISCLAIMER


class JsonLines:
    """Prints a line for each result, at once, and one for the summary."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def begin(self) -> None:
        """Print nothing."""

    def result(self, result: NamedResult) -> None:
        """Print one image."""
        self._print(result)

    def end(self, summary: SummaryLine) -> None:
        """Print the summary."""
        self._print(summary)

    def _print(self, line: BaseModel) -> None:
        self._out.write(line.model_dump_json() + "\n")
        self._out.flush()


def named(result: BatchResult, path: str, entry: int | None) -> NamedResult:
    """Return the line of a result."""
    return NamedResult(**dict(result), path=path, entry=entry)
