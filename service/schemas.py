"""The JSON objects of the HTTP interface."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service import DISCLAIMER
from service.model_file import Card

Probability = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015" * 2])]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class PredictionWarning(_Answer):
    """Something a reader of the prediction should know."""

    code: Literal["low-resolution", "multiple-frames", "colour-image", "uncertain", "out-of-distribution"]
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
