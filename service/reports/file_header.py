"""The header of a DICOM file as far as results take it over, read apart from the pixels.

Classifying reads no patient data at all; this is read only where a result that names the patient is asked for.
"""

import io
from collections.abc import Sequence
from functools import cache
from typing import Final

from pydicom import Dataset, dcmread
from pydicom.tag import BaseTag, Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian

from service.errors import NotReportable
from service.imaging import Limits
from service.imaging.dicom.file import DicomFile, read_file
from service.reports.source_header import IDENTITY, SEQUENCES, TYPE_2, WHERE_THERE

DICOM: Final = "DICOM"
"""What `ImageFacts.format` says of such a file."""

KEYWORDS = (
    *IDENTITY,
    *TYPE_2,
    *WHERE_THERE,
    *SEQUENCES,
    *("SpecificCharacterSet", "Modality", "InstanceNumber", "BurnedInAnnotation"),
)
"""Of the attributes that are read."""


def read_header(
    data: bytes, limits: Limits, keywords: Sequence[str] = KEYWORDS, file: DicomFile | None = None
) -> Dataset:
    """Return the header of a file that can be classified, as far as the `keywords` go.

    `file` is what `read_file` gives of `data`, where that is known. Elements that cannot be read are left out. Raises
    NotReportable for a file that pydicom cannot read, and for a deflated one, which pydicom inflates without bound.
    """
    try:
        deflated = (file or read_file(data, limits)).syntax == DeflatedExplicitVRLittleEndian
        header = None if deflated else dcmread(io.BytesIO(data), None, True, True, _tags(tuple(keywords)))
    except Exception as error:  # pydicom raises anything on damaged bytes
        raise NotReportable("The header cannot be read as far as a result needs it. Ask for JSON.") from error
    if header is None:
        raise NotReportable("The data set is deflated, and no result is made of it. Send it without compression.")
    _drop_damaged(header)
    return header


@cache
def _tags(keywords: tuple[str, ...]) -> list[BaseTag]:
    return [Tag(name) for name in keywords]


def _drop_damaged(header: Dataset) -> None:
    """Convert every element, which pydicom leaves until it is asked for, and drop those that cannot be."""
    for tag in list(header.keys()):
        try:
            element = header[tag]
            for item in element.value if element.VR == "SQ" else ():
                item.walk(lambda _, __: None)
        except Exception:  # pydicom raises anything for a value that it cannot convert
            del header[tag]
