"""What a model said of the images of one series or one request, beside their headers: the input of all reports."""

from dataclasses import dataclass

from pydicom import Dataset

from service.model_file import Card
from service.schemas import BatchSummary, ModelIdentity, Prediction, Problem


@dataclass(frozen=True)
class ImageResult:
    """One image: its answer or why there is none, and where it came from.

    `source` is the header of its DICOM object without pixel data, None for a picture that is no DICOM; `frame` counts
    from 0; `picture` is the PNG that explains the answer, as `Predictor.draw` gives it, where one was drawn.
    """

    prediction: Prediction | None
    problem: Problem | None
    source: Dataset | None
    frame: int
    picture: bytes | None = None


@dataclass(frozen=True)
class StudyResult:
    """The images in their order, what they say together, and which model answered."""

    images: tuple[ImageResult, ...]
    summary: BatchSummary
    model: ModelIdentity
    card: Card
