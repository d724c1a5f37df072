"""QIDO-RS: search for studies, series and instances (DICOM PS3.18 section 10.6)."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydicom import Dataset

from service.dicomweb.json_model import read_datasets
from service.dicomweb.session import ArchiveSession
from service.dicomweb.uid import is_uid

_JSON = "application/dicom+json"
_ANSWER_BYTES = 64 * 1024 * 1024
_PAGE = 100
_COUNT = "NumberOfStudyRelatedInstances"
_OF_STUDY = ["StudyInstanceUID", _COUNT]
MOST_STUDIES = 100_000


class FoundStudy(NamedTuple):
    """A study, and how many instances it holds, "" where the archive does not say."""

    uid: str
    instances: str


class QidoUser:
    """Every method raises PeerError."""

    def __init__(self, session: ArchiveSession) -> None:
        self._session = session

    def studies(self, query: Mapping[str, str]) -> Iterator[FoundStudy]:
        """Yield each study that matches, page by page, MOST_STUDIES at most."""
        query = {**query, "includefield": _COUNT}
        seen: set[str] = set()
        while len(seen) < MOST_STUDIES:
            page = self._search(
                "/studies", {**query, "limit": _PAGE, "offset": len(seen)}, ["StudyInstanceUID", _COUNT]
            )
            found = {_uid(one, "StudyInstanceUID"): str(one.get(_COUNT, "")) for one in page}
            new = found.keys() - seen - {""}
            if not new:  # the end, or an archive that knows no pages
                return
            seen |= new
            yield from (FoundStudy(uid, found[uid]) for uid in sorted(new))

    def series(self, study: str) -> list[tuple[str, str]]:
        """Return UID and modality of each series of a study; nothing where there is no such study."""
        found = self._search(f"/studies/{study}/series", {}, ["SeriesInstanceUID", "Modality"])
        pairs = [(_uid(one, "SeriesInstanceUID"), str(one.get("Modality", ""))) for one in found]
        return sorted(pair for pair in pairs if pair[0])

    def has_instance(self, study: str, instance: str) -> bool:
        """Return whether a study holds an instance."""
        query = {"SOPInstanceUID": instance}
        found = self._search(f"/studies/{study}/instances", query, ["SOPInstanceUID"])
        return any(_uid(one, "SOPInstanceUID") == instance for one in found)

    def _search(self, path: str, query: Mapping[str, str | int], keywords: list[str]) -> list[Dataset]:
        return read_datasets(self._session.get(path, _JSON, _ANSWER_BYTES, query).body, keywords)


def _uid(found: Dataset, keyword: str) -> str:
    """Return a UID, "" where it is missing or none."""
    text = str(found.get(keyword, ""))
    return text if is_uid(text) else ""
