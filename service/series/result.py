"""The answers to the objects of a series as the input of its reports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydicom import Dataset

from service.batch.summary import Tally
from service.errors import NotReportable, ProblemError
from service.imaging import Limits
from service.prediction import Predictor, identify
from service.reports.file_header import read_header
from service.reports.source_header import text_of
from service.reports.structured_report import suspicion
from service.reports.study_result import ImageResult, StudyResult
from service.schemas import BatchResult
from service.series.answering import ObjectAnswers


@dataclass(frozen=True)
class SeriesObject:
    """One object: `header` as `read_header` gives it, None where it cannot be read."""

    header: Dataset | None
    answers: ObjectAnswers


@dataclass(frozen=True)
class _Slice:
    """One frame, and where it came from."""

    result: BatchResult
    header: Dataset


def header_of(data: bytes, limits: Limits) -> Dataset | None:
    """Return the header of a DICOM file as far as results take it over, None where it cannot be read."""
    try:
        return read_header(data, limits)
    except ProblemError:
        return None


def series_result(predictor: Predictor, objects: Sequence[SeriesObject]) -> StudyResult:
    """Return the result of the whole series, its images by instance number, none of them drawn.

    Objects whose header cannot be read are left out, since no report can refer to them. Raises NotReportable where that
    leaves none.
    """
    slices = sorted((one for entry in objects for one in _slices(entry)), key=_place)
    if not slices:
        raise NotReportable("None of the objects has a header that can be read as far as a result needs it.")
    tally = Tally()
    for index, one in enumerate(slices):
        tally.add(one.result.model_copy(update={"index": index}))
    images = (
        ImageResult(one.result.prediction, one.result.problem, one.header, one.result.frame or 0) for one in slices
    )
    classifier = predictor.classifier
    return StudyResult(tuple(images), tally.summary(), identify(classifier), classifier.card, whole_series=True)


def with_pictures(result: StudyResult, most: int, draw: Callable[[ImageResult], bytes]) -> StudyResult:
    """Return the result with the `most` most suspicious images drawn; `draw` gives the PNG of one."""
    images = list(result.images)
    answered = [number for number, image in enumerate(images) if image.prediction is not None]
    for number in sorted(answered, key=lambda number: -suspicion(images[number]))[:most]:
        images[number] = replace(images[number], picture=draw(images[number]))
    return replace(result, images=tuple(images))


def _slices(entry: SeriesObject) -> list[_Slice]:
    header = entry.header
    return [] if header is None else [_Slice(result, header) for result in entry.answers.results]


def _place(one: _Slice) -> tuple[int, str, int]:
    number = text_of(one.header, "InstanceNumber")
    return int(number) if number else 0, str(one.header.get("SOPInstanceUID", "")), one.result.frame or 0
