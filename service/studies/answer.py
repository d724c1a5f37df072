"""What is said of a study: of every series whether it was taken, and of those that were what the model found."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service import DISCLAIMER
from service.dicomweb import UID_PATTERN
from service.reports.study_result import StudyResult
from service.schemas import BatchSummary, ModelIdentity, Probability, Problem
from service.series import Kind

Uid = Annotated[str, Field(pattern=UID_PATTERN, max_length=64, examples=["1.2.826.0.1.3680043.8.498.1"])]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class StudyImage(_Answer):
    """One frame: either its decision or its problem."""

    index: int = Field(ge=0, description="number of the image in its series, as `summary` counts")
    sop_instance_uid: str
    frame: int = Field(ge=0)
    decision: str | None = Field(examples=["glioma"])
    tumor_probability: Probability | None
    problem: str | None = Field(examples=["out-of-distribution"], description="the code of the problem")


class StudyObject(_Answer):
    """A DICOM object that was made of a series; `stored` says whether the archive has taken it."""

    kind: Kind
    sop_class_uid: str
    sop_instance_uid: str
    stored: bool


class SeriesAnswer(_Answer):
    """One series. `summary` is null for one that was not classified: `reason` or `problem` says why."""

    series_uid: Uid
    taken: bool
    reason: str = Field(examples=["exclude.ImageType: matches 'LOCALIZER'"], description="the rule that decided")
    instances: int = Field(ge=0, description="MR objects; 0 where the modality alone was reason enough to leave it")
    summary: BatchSummary | None = None
    images: tuple[StudyImage, ...] = ()
    objects: tuple[StudyObject, ...] = ()
    problem: Problem | None = None


class StudyAnswer(_Answer):
    """The model's answer to a study of the archive; it names no patient."""

    study_uid: Uid
    series: tuple[SeriesAnswer, ...]
    model: ModelIdentity
    request_id: str = Field(examples=["6f1d3c0e5b7a4a0c9b1f2d3e4c5b6a79"])
    disclaimer: str = DISCLAIMER


def images_of(result: StudyResult) -> tuple[StudyImage, ...]:
    """Return what is said of the images of a series, in their order."""
    return tuple(
        StudyImage(
            index=index,
            sop_instance_uid=str(image.source.SOPInstanceUID) if image.source else "",
            frame=image.frame,
            decision=image.prediction.decision if image.prediction else None,
            tumor_probability=image.prediction.tumor_probability if image.prediction else None,
            problem=image.problem.code if image.problem else None,
        )
        for index, image in enumerate(result.images)
    )
