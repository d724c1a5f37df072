"""One frame of the pixel data -> its stored values; the other frames stay untouched."""

from typing import Any

from numpy.typing import NDArray
from pydicom.encaps import get_frame, parse_basic_offsets, parse_fragments
from pydicom.pixels.decoders.base import Decoder
from pydicom.uid import UID

from service.errors import UnreadableImage
from service.imaging.bounded_bytes import BoundedBytes
from service.imaging.dicom.codecs import decode_frame
from service.imaging.dicom.description import PixelDescription, check_supply
from service.imaging.dicom.file import DicomFile, PixelElement
from service.imaging.dicom.header import Header, unreadable
from service.imaging.dicom.packed_bits import extended
from service.imaging.dicom.tags import label
from service.imaging.dicom.transfer_syntax import NATIVE

Stored = NDArray[Any]


def check_frames(file: DicomFile, element: PixelElement, pixels: PixelDescription) -> None:
    """Raise UnreadableImage where the pixel data cannot hold the frames that the header counts."""
    if not element.available:
        raise UnreadableImage(f"{label(element.keyword)} is empty: there is no image in the object. Export it again.")
    if file.syntax in NATIVE:
        if element.length is None and not file.stated:
            raise unreadable("TransferSyntaxUID", "is missing, and the pixels are compressed")
        if element.length is None:
            raise unreadable(element.keyword, "is encapsulated, which its transfer syntax excludes")
        check_supply(pixels, element.keyword, element.available)
    elif (pieces := _count_fragments(element)) < pixels.frames:
        raise UnreadableImage(
            f"{label('NumberOfFrames')} is {pixels.frames}, but {label(element.keyword)} holds {pieces} compressed "
            "pieces. Export the image again."
        )


def read_frame(file: DicomFile, element: PixelElement, pixels: PixelDescription, frame: int) -> tuple[Stored, bool]:
    """Return the values of a frame, `[rows, columns]` or `[rows, columns, 3]`, and whether they are RGB already.

    Raises UnreadableImage, and whatever the parsers and decoders raise on damaged bytes.
    """
    if file.syntax in NATIVE:
        return _native(file.syntax, element, pixels, frame), False
    offsets = _extended_offsets(file.header)
    codestream = get_frame(_opened(element), frame, number_of_frames=pixels.frames, extended_offsets=offsets)
    return decode_frame(codestream, file.syntax, pixels)


def _native(syntax: UID, element: PixelElement, pixels: PixelDescription, frame: int) -> Stored:
    options: dict[str, Any] = {
        "pixel_keyword": element.keyword,
        "pixel_vr": element.vr,
        "rows": pixels.rows,
        "columns": pixels.columns,
        "samples_per_pixel": pixels.samples,
        "photometric_interpretation": pixels.photometric,
        "planar_configuration": pixels.planar,
        "bits_allocated": pixels.bits_allocated,
        "bits_stored": pixels.bits_allocated,
        "pixel_representation": int(pixels.signed),
        "number_of_frames": pixels.frames,
    }
    values, _ = Decoder(syntax).as_array(_opened(element), index=frame, raw=True, **options)
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    if values.dtype.kind == "f" or pixels.bits_allocated == 1:
        return values
    return extended(values, pixels.bits_stored, pixels.signed, pixels.high_bit)


def _opened(element: PixelElement) -> BoundedBytes:
    file = BoundedBytes(element.data)
    file.seek(element.offset)
    return file


def _count_fragments(element: PixelElement) -> int:
    file = _opened(element)
    parse_basic_offsets(file)
    return parse_fragments(file)[0]


def _extended_offsets(header: Header) -> tuple[bytes, bytes] | None:
    """Return offsets and lengths (PS3.3 section C.7.6.3.1.8) where both are there."""
    offsets, lengths = header.data("ExtendedOffsetTable"), header.data("ExtendedOffsetTableLengths")
    return (offsets, lengths) if offsets and len(offsets) == len(lengths) else None
