"""Which series of a study are classified: what the archive says of them, and what the rules say of that."""

from collections.abc import Callable
from dataclasses import dataclass

from pydicom import Dataset

from service.dicomweb import is_uid
from service.errors import PeerLacks, StudyNotFound
from service.reports.file_header import KEYWORDS
from service.series import MR_IMAGES
from service.series_selection import FACTS, SelectionRules, Verdict, facts_of, select
from service.studies.archive import Archive

_READ = tuple(dict.fromkeys((*KEYWORDS, *FACTS, "NumberOfFrames")))
_NO_IMAGES = Verdict(False, "holds no MR image with valid UIDs")


@dataclass(frozen=True)
class PlannedSeries:
    """`headers` are those of its MR images as far as results take them over; none where the modality tells enough."""

    uid: str
    verdict: Verdict
    headers: tuple[Dataset, ...] = ()

    @property
    def images(self) -> int:
        """How many frames its images hold, by their headers."""
        return sum(map(frames_of, self.headers))


def plan_study(
    archive: Archive, study: str, rules: SelectionRules, check: Callable[[], None] = lambda: None
) -> list[PlannedSeries]:
    """Return every series of a study; raises StudyNotFound, PeerError, and what `check` raises before each."""
    found = archive.qido.series(study)
    if not found:
        raise StudyNotFound("The archive has no study of this UID, or none that this service may see.")
    plans = []
    for series, modality in found:
        check()
        plans.append(_plan(archive, study, series, modality, rules))
    return plans


def frames_of(header: Dataset) -> int:
    """Return the number of frames that a header states, 1 where it states none."""
    try:
        return max(int(header.get("NumberOfFrames", 1)), 1)
    except (TypeError, ValueError):
        return 1


def _plan(archive: Archive, study: str, series: str, modality: str, rules: SelectionRules) -> PlannedSeries:
    known = Dataset()
    known.Modality = modality
    verdict = select(facts_of(known, 1), rules.about_modality)
    if not verdict.taken:
        return PlannedSeries(series, verdict)
    try:
        metadata = archive.wado.metadata(study, series, _READ)
    except PeerLacks:  # it was removed meanwhile
        metadata = []
    headers = tuple(header for header in metadata if _is_image(header))
    return PlannedSeries(series, _verdict(headers, rules), headers)


def _is_image(header: Dataset) -> bool:
    return header.get("SOPClassUID") in MR_IMAGES and is_uid(str(header.get("SOPInstanceUID", "")))


def _verdict(headers: tuple[Dataset, ...], rules: SelectionRules) -> Verdict:
    """Return that of the first image that is taken, for one series may hold images of several types."""
    verdicts = [select(facts_of(header, len(headers)), rules) for header in headers]
    return next((one for one in verdicts if one.taken), verdicts[0] if verdicts else _NO_IMAGES)
