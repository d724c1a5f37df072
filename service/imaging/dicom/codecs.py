"""Compressed frames -> stored values, with imagecodecs: libjpeg-turbo, CharLS, OpenJPEG."""

from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID

from service.imaging.dicom import transfer_syntax as ts
from service.imaging.dicom.codestream import (
    Codestream,
    check_agreement,
    check_sequential_scan,
    damaged,
    read_jpeg_header,
)
from service.imaging.dicom.description import PixelDescription
from service.imaging.dicom.jpeg2000_header import bare_codestream, check_cost, read_jpeg2000_header
from service.imaging.dicom.packed_bits import extended

Stored = NDArray[Any]
_BASELINE, _EXTENDED, _LOSSLESS, _JPEG_LS = 0xC0, 0xC1, 0xC3, 0xF7
_END_OF_IMAGE = b"\xff\xd9"
_RLE_HEADER = 64
_YCBCR, _RGB = "YCBCR", "RGB"


def decode_frame(frame: bytes, syntax: UID, pixels: PixelDescription) -> tuple[Stored, bool]:
    """Return the stored values, integers `[rows, columns]` or `[rows, columns, 3]`, and whether these are RGB already.

    Raises UnreadableImage where the frame is not as large as `pixels` says; imagecodecs raises its own errors.
    """
    for syntaxes, decoder in _DECODERS:
        if syntax in syntaxes:
            values, is_rgb = decoder(frame, pixels)
            return values.reshape(_shape(pixels)), is_rgb
    raise LookupError(syntax)


def _shape(pixels: PixelDescription) -> tuple[int, ...]:
    size = pixels.rows, pixels.columns
    return size if pixels.samples == 1 else (*size, pixels.samples)


def _agree(codestream: Codestream, pixels: PixelDescription) -> None:
    check_agreement(codestream, pixels.rows, pixels.columns, pixels.samples)
    if codestream.precision > pixels.bits_allocated:
        raise damaged(f"holds {codestream.precision} bits a sample, the header allocates {pixels.bits_allocated}")


def _jpeg_dct(frame: bytes, pixels: PixelDescription) -> tuple[Stored, bool]:
    """JPEG baseline and extended, 8 or 12 bits; libjpeg turns YCbCr into RGB."""
    codestream = read_jpeg_header(frame, (_BASELINE, _EXTENDED))
    _agree(codestream, pixels)
    check_sequential_scan(frame)
    if pixels.samples == 1:
        values = imagecodecs.jpeg8_decode(frame)
    else:
        stored = _YCBCR if _is_ybr(codestream, pixels) else _RGB
        values = imagecodecs.jpeg8_decode(frame, colorspace=stored, outcolorspace=_RGB)
    return extended(values, codestream.precision, pixels.signed), True


def _jpeg_lossless(frame: bytes, pixels: PixelDescription) -> tuple[Stored, bool]:
    """JPEG process 14: the values as they were, in whatever colours."""
    codestream = read_jpeg_header(frame, (_LOSSLESS,))
    _agree(codestream, pixels)
    colours = None if pixels.samples == 1 else _RGB
    values = imagecodecs.jpeg8_decode(frame, colorspace=colours, outcolorspace=colours)
    return extended(values, min(codestream.precision, pixels.bits_stored), pixels.signed), False


def _jpeg_ls(frame: bytes, pixels: PixelDescription) -> tuple[Stored, bool]:
    """JPEG-LS; one more end marker, because CharLS 2.4.3 takes 5 s to notice that a frame without one has ended."""
    codestream = read_jpeg_header(frame, (_JPEG_LS,))
    _agree(codestream, pixels)
    values = imagecodecs.jpegls_decode(frame + _END_OF_IMAGE)
    return extended(values, codestream.precision, pixels.signed), False


def _jpeg_2000(frame: bytes, pixels: PixelDescription) -> tuple[Stored, bool]:
    """JPEG 2000 and HTJ2K; the component transform, which makes YBR_ICT and YBR_RCT, is undone by the decoder."""
    codestream = bare_codestream(frame)
    header = read_jpeg2000_header(codestream)
    _agree(header, pixels)
    check_cost(codestream)
    values = imagecodecs.jpeg2k_decode(codestream)
    if values.dtype.kind == "i" and pixels.signed:
        return values, False
    return extended(values, header.precision, pixels.signed), False


def _rle(frame: bytes, pixels: PixelDescription) -> tuple[Stored, bool]:
    """PS3.5 annex G: one PackBits segment for each byte of each sample, the most significant first."""
    width = max(pixels.bits_allocated // 8, 1)
    header = np.frombuffer(frame[:_RLE_HEADER], "<u4")
    count = pixels.samples * width
    if len(header) < 16 or header[0] != count:
        raise damaged(f"is not cut into the {count} RLE segments that its header describes")
    planes = np.empty((pixels.samples, width, pixels.rows * pixels.columns), np.uint8)
    ends = [*header[2 : count + 1].tolist(), len(frame)]
    for index, (start, end) in enumerate(zip(header[1 : count + 1].tolist(), ends, strict=True)):
        planes[index // width, index % width] = _unpacked(frame[start:end], planes.shape[-1])
    values = np.moveaxis(planes, 1, -1).copy().view(f">u{width}")[..., 0]
    native = np.moveaxis(values, 0, -1).astype(f"=u{width}")
    return extended(native, pixels.bits_stored, pixels.signed), False


def _unpacked(segment: bytes, size: int) -> NDArray[np.uint8]:
    """Return exactly `size` bytes of a segment, whatever it would inflate to."""
    unpacked = imagecodecs.packbits_decode(segment, out=size + 128)
    if len(unpacked) < size:
        raise damaged(f"has an RLE segment of {len(unpacked)} bytes, not {size}")
    return np.frombuffer(unpacked, np.uint8, size)


def _is_ybr(codestream: Codestream, pixels: PixelDescription) -> bool:
    if codestream.transformed is not None:
        return codestream.transformed
    return pixels.photometric != _RGB


_DECODERS: tuple[tuple[tuple[UID, ...], Callable[[bytes, PixelDescription], tuple[Stored, bool]]], ...] = (
    (ts.JPEG_DCT, _jpeg_dct),
    (ts.JPEG_LOSSLESS, _jpeg_lossless),
    (ts.JPEG_LS, _jpeg_ls),
    (ts.JPEG_2000, _jpeg_2000),
    (ts.RLE, _rle),
)
