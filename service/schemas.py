"""The JSON objects of the HTTP interface."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service import DISCLAIMER
from service.errors import UNEXPECTED_ERROR
from service.model_file import Card

Probability = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015" * 2])]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class PredictionWarning(_Answer):
    """Something a reader of the prediction should know."""

    code: Literal[
        "low-resolution",
        "clipped",
        "blurred",
        "burnt-in-text",
        "colour-image",
        "uncertain",
        "out-of-distribution",
        "not-a-brain-mri",
    ]
    detail: str = Field(examples=["96 x 96 pixels; the model expects at least 224 x 224"])


class ModelIdentity(_Answer):
    """Which model answered; `sha256` is of the model file."""

    name: str = Field(examples=["brain-tumor-mri"])
    version: str = Field(examples=["1.0.0"])
    sha256: Sha256


class ImageFacts(_Answer):
    """What was classified; `sha256` is of the received file, the size is that of the upright image."""

    sha256: Sha256
    format: str = Field(examples=["JPEG"])
    width: int = Field(ge=1, examples=[512])
    height: int = Field(ge=1, examples=[512])
    frame: int = Field(ge=0, examples=[0], description="index of the classified frame")


class Prediction(_Answer):
    """The model's answer to one image."""

    label: str = Field(examples=["glioma"], description="the most probable class")
    probability: Probability = Field(examples=[0.97], description="calibrated probability of `label`")
    decision: str = Field(examples=["glioma"], description="`label`, or `uncertain` below the model's threshold")
    probabilities: dict[str, Probability] = Field(
        examples=[{"glioma": 0.97, "meningioma": 0.02, "no_tumor": 0.0, "pituitary": 0.01}]
    )
    tumor_probability: Probability | None = Field(
        examples=[0.999], description="sum over the tumour classes; null for a model that is not about tumours"
    )
    prediction_set: tuple[str, ...] = Field(
        examples=[["glioma"]], description="classes that cannot be excluded (conformal prediction)"
    )
    novelty: float = Field(examples=[0.41], description="distance from the training images; 1 is the usual threshold")
    warnings: tuple[PredictionWarning, ...]
    heatmap: str | None = Field(
        examples=[None], description="with `explain=true`: PNG data URI, where the evidence for `label` lies"
    )
    model: ModelIdentity
    image: ImageFacts
    request_id: str = Field(examples=["6f1d3c0e5b7a4a0c9b1f2d3e4c5b6a79"])
    disclaimer: str = DISCLAIMER


class Problem(BaseModel):
    """An error as of RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/unreadable-image"], description="path that explains the kind of problem")
    title: str = Field(examples=["Unreadable image"])
    status: int = Field(examples=[422])
    detail: str = Field(
        examples=["The JPEG data is truncated or corrupt and cannot be decoded. Export the image again."]
    )
    request_id: str = Field(examples=["6f1d3c0e5b7a4a0c9b1f2d3e4c5b6a79"])

    @property
    def code(self) -> str:
        """The kind of problem; UNEXPECTED_ERROR for one that has no type of its own."""
        return self.type.rpartition("/")[2] if self.type.startswith("/problems/") else UNEXPECTED_ERROR


class BatchResult(_Answer):
    """One image of a batch: either its prediction or its problem."""

    index: int = Field(ge=0, description="number of the image in the batch")
    file: int = Field(ge=0, description="number of the file as it was sent; each entry of a ZIP counts as a file")
    frame: int | None = Field(ge=0, description="number of the frame in its file; null where the file was not opened")
    status: int = Field(examples=[200], description="what `/predict` would have answered")
    prediction: Prediction | None
    problem: Problem | None


class ClassSummary(_Answer):
    """The probability of one class over the answered images, and how often it was the decision."""

    maximum: Probability
    mean: Probability
    decisions: int = Field(ge=0)


class TumorProbabilitySummary(_Answer):
    """The tumour probability over the answered images."""

    maximum: Probability
    mean: Probability


class SuspiciousImage(_Answer):
    """An answered image of high tumour probability."""

    index: int = Field(ge=0)
    file: int = Field(ge=0)
    frame: int = Field(ge=0)
    label: str = Field(examples=["glioma"])
    tumor_probability: Probability


class BatchSummary(_Answer):
    """What a batch says as a whole; `classes` is empty where no image was answered."""

    images: int = Field(ge=0)
    answered: int = Field(ge=0)
    refused: int = Field(ge=0)
    refusals: dict[str, int] = Field(
        examples=[{"out-of-distribution": 1}], description="how many images were refused, by the code of the problem"
    )
    classes: dict[str, ClassSummary]
    uncertain: int = Field(ge=0, description="answered images without a decision")
    tumor_probability: TumorProbabilitySummary | None = Field(
        description="null where no image was answered, or for a model that is not about tumours"
    )
    most_suspicious: tuple[SuspiciousImage, ...] = Field(
        max_length=5, description="the answered images of the highest tumour probability, highest first"
    )


class BatchEnd(_Answer):
    """What follows the results of a batch."""

    summary: BatchSummary
    model: ModelIdentity
    request_id: str = Field(examples=["6f1d3c0e5b7a4a0c9b1f2d3e4c5b6a79"])
    disclaimer: str = DISCLAIMER


class BatchAnswer(BatchEnd):
    """The model's answer to many images, in the order in which they were sent."""

    results: tuple[BatchResult, ...]


class BatchResultLine(BatchResult):
    """A line of the stream: one image."""

    kind: Literal["result"] = "result"


class BatchSummaryLine(BatchEnd):
    """The last line of the stream."""

    kind: Literal["summary"] = "summary"


class Health(_Answer):
    """The service is ready, and this model answers."""

    status: Literal["ready"] = "ready"
    model: ModelIdentity
    disclaimer: str = DISCLAIMER


class Liveness(_Answer):
    """The process answers."""

    status: Literal["live"] = "live"


class ServedCard(Card):
    """The card of the model in service, with the sha256 of its file."""

    sha256: Sha256
