"""The objects that say in an archive what became of a series."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from pydicom import Dataset

from service.reports.secondary_capture import secondary_captures
from service.reports.structured_report import structured_report
from service.reports.study_result import StudyResult

Kind = Literal["report", "secondary-capture"]


class ResultObject(NamedTuple):
    """A DICOM object and which of the two kinds it is."""

    kind: Kind
    dataset: Dataset


def result_objects(result: StudyResult, *, now: datetime, captures: int) -> list[ResultObject]:
    """Return the report, then the captures of the images that are drawn, `captures` at most; raises NotReportable."""
    drawn: Iterable[Dataset] = secondary_captures(result, now=now, most=captures)
    return [
        ResultObject("report", structured_report(result, now=now)),
        *(ResultObject("secondary-capture", one) for one in drawn),
    ]
