"""The answers to the objects of a series as the input of its reports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydicom import Dataset

from service.batch.summary import Tally
from service.errors import NotReportable, ProblemError
from service.prediction import Predictor, Task, identify
from service.reports.file_header import read_header
from service.reports.source_header import text_of
from service.reports.structured_report import suspicion
from service.reports.study_result import ImageResult, StudyResult
from service.schemas import BatchResult
from service.series.answering import ObjectAnswers


@dataclass(frozen=True)
class SeriesObject:
    """One object: `load` gives its file, as often as it is asked, so that a series need not fit into memory."""

    load: Callable[[], bytes]
    answers: ObjectAnswers


@dataclass(frozen=True)
class _Slice:
    """One frame, where it came from and how its file is read again."""

    result: BatchResult
    header: Dataset
    load: Callable[[], bytes]


def series_result(
    predictor: Predictor, objects: Sequence[SeriesObject], *, captures: int, request_id: str
) -> StudyResult:
    """Return the result of the whole series, its images by instance number, the `captures` most suspicious drawn.

    Objects whose header cannot be read are left out, since no report can refer to them. Raises NotReportable where that
    leaves none.
    """
    slices = sorted((one for entry in objects for one in _slices(predictor, entry)), key=_place)
    if not slices:
        raise NotReportable("None of the objects has a header that can be read as far as a result needs it.")
    tally = Tally()
    for index, one in enumerate(slices):
        tally.add(one.result.model_copy(update={"index": index}))
    images = [
        ImageResult(one.result.prediction, one.result.problem, one.header, one.result.frame or 0) for one in slices
    ]
    answered = [number for number, image in enumerate(images) if image.prediction is not None]
    for number in sorted(answered, key=lambda number: -suspicion(images[number]))[:captures]:
        images[number] = replace(images[number], picture=_draw(predictor, slices[number], request_id))
    classifier = predictor.classifier
    return StudyResult(tuple(images), tally.summary(), identify(classifier), classifier.card, whole_series=True)


def _slices(predictor: Predictor, entry: SeriesObject) -> list[_Slice]:
    try:
        header = read_header(entry.load(), predictor.limits)
    except ProblemError:
        return []
    return [_Slice(result, header, entry.load) for result in entry.answers.results]


def _place(one: _Slice) -> tuple[int, str, int]:
    number = text_of(one.header, "InstanceNumber")
    return int(number) if number else 0, str(one.header.get("SOPInstanceUID", "")), one.result.frame or 0


def _draw(predictor: Predictor, one: _Slice, request_id: str) -> bytes:
    return predictor.draw(Task(one.load(), True, request_id, one.result.frame))[1]
