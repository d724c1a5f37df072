"""One object as it came in a C-STORE request, checked as far as a result needs it."""

from dataclasses import dataclass

from service.dicom_node import statuses
from service.dicom_node.statuses import Status, StoreRefused
from service.errors import NotReportable, ProblemError, TooManyPixels, UnreadableImage
from service.imaging import Limits, open_image
from service.imaging.dicom.source import DicomSource
from service.reports.file_header import read_header
from service.reports.source_header import IDENTITY, identity_of
from service.uid_key import uid_key


@dataclass(frozen=True)
class ReceivedObject:
    """A DICOM file; `series` and `instance` are hashes of its UIDs, fit for names of files."""

    data: bytes
    series: str
    instance: str


def check_object(data: bytes, sop_class: str, sop_instance: str, limits: Limits) -> ReceivedObject:
    """Check a file against what its request said of it.

    Raises StoreRefused for an object that no result could refer to, whose header or pixel data is not whole, or that
    is another than the request says. Whether it shows a brain is not asked here.
    """
    try:
        source = open_image(data, limits)
        file = source.file if isinstance(source, DicomSource) else None
        uids = identity_of(read_header(data, limits, IDENTITY, file))
    except ProblemError as error:
        raise StoreRefused(_status(error)) from error
    if (uids["SOPClassUID"], uids["SOPInstanceUID"]) != (sop_class, sop_instance):
        raise StoreRefused(statuses.MISMATCH)
    return ReceivedObject(
        data=data,
        series=uid_key(uids["StudyInstanceUID"], uids["SeriesInstanceUID"]),
        instance=uid_key(sop_instance),
    )


def _status(error: ProblemError) -> Status:
    if isinstance(error, NotReportable):
        return statuses.NOT_REPORTABLE
    if isinstance(error, TooManyPixels):
        return statuses.TOO_LARGE
    return statuses.UNREADABLE if isinstance(error, UnreadableImage) else statuses.NOT_AN_IMAGE
