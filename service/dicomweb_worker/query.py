"""Which studies of the archive are looked at: a QIDO-RS query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pydicom.datadict import tag_for_keyword

from service.errors import SettingsError

DEFAULT_FILTER = ("ModalitiesInStudy=MR",)


@dataclass(frozen=True)
class StudyQuery:
    """`filters` are attributes and what they must match; `days` bounds how long ago a study was made, None does not."""

    filters: tuple[tuple[str, str], ...]
    days: int | None

    def parameters(self, today: date) -> dict[str, str]:
        """Return the parameters of the search."""
        parameters = dict(self.filters)
        if self.days is not None:
            parameters["StudyDate"] = f"{today - timedelta(days=self.days):%Y%m%d}-"
        return parameters


def read_query(filters: Sequence[str], days: int | None) -> StudyQuery:
    """Read `KEYWORD=VALUE` texts; raises SettingsError for one that is none, or that names no DICOM attribute."""
    pairs = tuple(_pair(text) for text in filters)
    if days is not None and any(keyword == "StudyDate" for keyword, _ in pairs):
        raise SettingsError("--filter StudyDate and --days exclude each other. Give one of them.")
    return StudyQuery(pairs, days)


def _pair(text: str) -> tuple[str, str]:
    keyword, equals, value = text.partition("=")
    if not (equals and value):
        raise SettingsError(f"--filter {text}: give KEYWORD=VALUE, such as ModalitiesInStudy=MR.")
    if tag_for_keyword(keyword) is None:
        raise SettingsError(f"--filter {text}: {keyword} is no keyword of the DICOM data dictionary.")
    return keyword, value
