"""Bytes -> the header and the place of the pixels of a DICOM file (PS3.10)."""

from dataclasses import dataclass

from pydicom import uid
from pydicom.config import IGNORE
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from service.imaging.bounded_bytes import BoundedBytes
from service.imaging.dicom.header import Header
from service.imaging.dicom.tags import NEEDED, PIXEL_TAGS, tag_of
from service.imaging.inflating import inflate
from service.imaging.picture import Limits

_PREAMBLE = 128
_PREFIX = b"DICM"
_META_GROUP = 0x0002
_UNDEFINED = 0xFFFFFFFF
_LONG_VRS = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")


@dataclass(frozen=True)
class PixelElement:
    """Where the value of the pixel data lies in `data`; `length` is None where the element leaves it undefined."""

    keyword: str
    vr: str
    data: bytes
    offset: int
    length: int | None

    @property
    def available(self) -> int:
        """The bytes of the value that the file holds."""
        rest = len(self.data) - self.offset
        return rest if self.length is None else min(self.length, rest)


@dataclass(frozen=True)
class DicomFile:
    """An object up to its pixels; `pixels` is None where it has none."""

    sop_class: UID
    syntax: UID
    stated: bool
    header: Header
    pixels: PixelElement | None


def read_file(data: bytes, limits: Limits) -> DicomFile:
    """Read the header; nothing after the start of the pixels is looked at.

    A data set without a transfer syntax (`stated` is False) is taken for what its first element looks like. Raises
    TooManyPixels for a deflated data set beyond the limits; pydicom raises anything on damaged bytes.
    """
    file = BoundedBytes(data)
    file.seek(_PREAMBLE + len(_PREFIX) if data[_PREAMBLE:].startswith(_PREFIX) else 0)
    wanted: list[BaseTag | int] = [tag_of("TransferSyntaxUID")]
    meta = Header(read_dataset(file, False, True, stop_when=_beyond_meta, specific_tags=wanted), little_endian=True)
    stated = next(iter(meta.texts("TransferSyntaxUID")), "")
    start, sent = file.tell(), len(data)
    syntax = UID(stated, IGNORE) if stated else _guessed(data[start : start + 6])
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        data, start = inflate(data[start:], limits.max_decoded_bytes), 0
    header, pixels = _read_data_set(BoundedBytes(data, sent), start, syntax)
    sop_class = next(iter(header.texts("SOPClassUID")), "")
    return DicomFile(UID(sop_class, IGNORE), syntax, bool(stated), header, pixels)


def _read_data_set(file: BoundedBytes, start: int, syntax: UID) -> tuple[Header, PixelElement | None]:
    file.seek(start)
    reached: list[tuple[int, str | None, int]] = []

    def at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:
        if int(tag) in PIXEL_TAGS:
            reached.append((int(tag), vr, length))
        return bool(reached)

    implicit, little_endian = syntax == uid.ImplicitVRLittleEndian, syntax != uid.ExplicitVRBigEndian
    dataset = read_dataset(file, implicit, little_endian, stop_when=at_pixels, specific_tags=list(NEEDED))
    header = Header(dataset, little_endian)
    if not reached:
        return header, None
    tag, vr, length = reached[-1]
    offset = file.tell() + (12 if vr in _LONG_VRS else 8)
    return header, PixelElement(
        PIXEL_TAGS[tag], vr or "OW", file.getvalue(), offset, None if length == _UNDEFINED else length
    )


def _beyond_meta(tag: BaseTag, vr: str | None, length: int) -> bool:
    return int(tag) >> 16 != _META_GROUP


def _guessed(first: bytes) -> UID:
    """Return the native transfer syntax whose first element would look like this (PS3.5 section 7.1)."""
    if not first[4:6].isalpha() or not first[4:6].isupper():
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRBigEndian if first[0] == 0 else uid.ExplicitVRLittleEndian
