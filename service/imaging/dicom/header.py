"""The values of a data set, each read with a bound on its length and a problem that names its tag."""

import math
import re
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence

from service.errors import UnreadableImage
from service.imaging.bounded_bytes import BoundedBytes
from service.imaging.dicom.tags import label, tag_of

_LONGEST_TEXT = 4096
_TEXT_VRS = ("IS", "DS")
_CODE = re.compile(r"[A-Z0-9_ ]{1,16}")
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,16}")
_LONG = "UL"


class Header:
    """A data set or an item of a sequence, whose elements are read by keyword.

    An absent or empty element is None or empty; one that cannot be read raises UnreadableImage naming its tag. Values
    are read from the bytes of the elements, so that nothing a stranger wrote is converted but what is asked for.
    """

    def __init__(self, dataset: Dataset, little_endian: bool) -> None:
        self._dataset = dataset
        self._little_endian = little_endian

    def data(self, keyword: str) -> bytes:
        """Return the value field."""
        element = self._element(keyword)
        if element is None or element.value is None:
            return b""
        if not isinstance(element, RawDataElement):
            raise unreadable(keyword, "is a sequence")
        return element.value

    def texts(self, keyword: str) -> tuple[str, ...]:
        """Return the values of a string element, without padding (PS3.5 section 6.2)."""
        value = self.data(keyword)
        if len(value) > _LONGEST_TEXT:
            raise unreadable(keyword, f"is {len(value)} bytes long")
        text = value.decode("ascii", "replace").strip(" \0")
        return tuple(part.strip(" \0") for part in text.split("\\")) if text else ()

    def codes(self, keyword: str) -> tuple[str, ...]:
        """Return the values of a code string (CS) that keep to its repertoire; others are left out."""
        return tuple(text for text in self.texts(keyword) if _CODE.fullmatch(text))

    def code(self, keyword: str) -> str:
        """Return the first value of a code string, empty where there is none."""
        return next(iter(self.codes(keyword)), "")

    def token(self, keyword: str) -> str:
        """Return a coded value or the designator of its scheme (SH); empty for text that cannot be one."""
        text = next(iter(self.texts(keyword)), "")
        return text if _TOKEN.fullmatch(text) else ""

    def number(self, keyword: str) -> float | None:
        """Return the first value of a decimal string (DS), which must be finite."""
        text = next(iter(self.texts(keyword)), "")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError as error:
            raise unreadable(keyword, "is not a number") from error
        if not math.isfinite(value):
            raise unreadable(keyword, "is not a finite number")
        return value

    def integer(self, keyword: str) -> int | None:
        """Return the first value of an integer (US, UL or IS)."""
        value = self.data(keyword)
        if not value:
            return None
        vr = self._vr(keyword)
        if vr in _TEXT_VRS or keyword == "NumberOfFrames":
            return self._integer_string(keyword)
        width = 4 if vr == _LONG else 2
        if len(value) < width:
            raise unreadable(keyword, f"is {len(value)} byte long")
        return int.from_bytes(value[:width], self._byte_order)

    def words(self, keyword: str) -> NDArray[np.uint16]:
        """Return the value field as 16-bit words (US, SS or OW)."""
        value = self.data(keyword)
        return np.frombuffer(value, "<u2" if self._little_endian else ">u2", len(value) // 2).astype(np.uint16)

    def items(self, keyword: str) -> "list[Header]":
        """Return the items of a sequence."""
        element = self._element(keyword)
        if element is None or not element.value:
            return []
        if not isinstance(element, RawDataElement) and element.VR != "SQ":
            raise unreadable(keyword, "is not a sequence")
        items = _parsed(element, keyword) if isinstance(element, RawDataElement) else list(element.value)
        return [Header(item, self._little_endian) for item in items]

    @property
    def _byte_order(self) -> Literal["little", "big"]:
        return "little" if self._little_endian else "big"

    def _vr(self, keyword: str) -> str | None:
        element = self._element(keyword)
        return None if element is None else element.VR

    def _element(self, keyword: str) -> DataElement | RawDataElement | None:
        """Return the element as it was read: a sequence of undefined length is parsed, all else is bytes."""
        return self._dataset.get_item(tag_of(keyword), keep_deferred=True)

    def _integer_string(self, keyword: str) -> int | None:
        text = next(iter(self.texts(keyword)), "")
        if not text:
            return None
        try:
            return int(text)
        except ValueError as error:
            raise unreadable(keyword, "is not an integer") from error


def _parsed(element: RawDataElement, keyword: str) -> list[Dataset]:
    """Parse a sequence of defined length, which pydicom leaves unread, under a bound on its number of pieces.

    A writer that did not know the element has left it as UN, implicit and little endian (PS3.5 section 6.2.2).
    """
    value = cast(bytes, element.value)
    unknown = element.VR == "UN"
    implicit, little_endian = element.is_implicit_VR or unknown, element.is_little_endian or unknown
    try:
        return list(read_sequence(BoundedBytes(value), implicit, little_endian, len(value), "iso8859"))
    except Exception as error:  # pydicom raises whatever damaged items lead to
        raise unreadable(keyword, "is corrupt") from error


def unreadable(keyword: str, why: str) -> UnreadableImage:
    """Return the problem of an element that is not what the standard says."""
    return UnreadableImage(f"{label(keyword)} {why}. Export the image again, or correct the element.")
