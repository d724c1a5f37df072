"""What the rules look at of a series: a few texts of the header of one of its images, and how many images there are."""

import io
from dataclasses import dataclass

from pydicom import Dataset, dcmread

FACTS = (
    "Modality",
    "BodyPartExamined",
    "SeriesDescription",
    "StudyDescription",
    "ProtocolName",
    "ImageType",
    "SequenceName",
    "MRAcquisitionType",
)
"""Keywords of the DICOM data dictionary that rules may name."""


@dataclass(frozen=True)
class SeriesFacts:
    """`texts` by keyword, upper case, values joined by a backslash, "" where there is none; the number of images."""

    texts: dict[str, str]
    images: int


def facts_of(header: Dataset, images: int) -> SeriesFacts:
    """Return the facts of a header, whatever else is in it; a value that cannot be read counts as none."""
    return SeriesFacts({keyword: _text(header, keyword) for keyword in FACTS}, images)


def facts_of_file(data: bytes, images: int) -> SeriesFacts:
    """Return the facts of a DICOM file that has been checked."""
    return facts_of(dcmread(io.BytesIO(data), force=True, stop_before_pixels=True, specific_tags=list(FACTS)), images)


def _text(header: Dataset, keyword: str) -> str:
    try:
        value = header.get(keyword)
    except Exception:  # pydicom raises anything for a value that it cannot convert
        return ""
    texts = value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]
    return "\\".join("" if text is None else str(text).strip().upper() for text in texts)
