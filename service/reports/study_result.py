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
    """The images in their order, what they say together, and which model answered.

    With `whole_series` it stands for a series as it is, whatever images that has by now: a later one takes its place.
    """

    images: tuple[ImageResult, ...]
    summary: BatchSummary
    model: ModelIdentity
    card: Card
    whole_series: bool = False

    @property
    def headers(self) -> list[Dataset]:
        """The DICOM headers of the images."""
        return [image.source for image in self.images if image.source is not None]

    @property
    def scope(self) -> list[str]:
        """The UIDs that tell what this is about."""
        if self.whole_series:
            return sorted({str(header.get("SeriesInstanceUID", "")) for header in self.headers})
        images = (image for image in self.images if image.source is not None)
        return [f"{image.source.get('SOPInstanceUID', '')} {image.frame}" for image in images if image.source]
