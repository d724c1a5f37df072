"""Stored colours -> 8-bit red, green and blue."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.imaging.dicom.description import YBR, PixelDescription
from service.imaging.dicom.header import Header, unreadable
from service.imaging.dicom.lookup_table import Descriptor, LookupTable, read_descriptor, read_entries
from service.imaging.dicom.segmented_table import MOST_BYTES, expand_segments
from service.imaging.dicom.tags import COLOURS
from service.imaging.eight_bit import band_rows, scaled

_TO_RGB = np.array([[1.0, 0.0, 1.402], [1.0, -0.344136, -0.714136], [1.0, 1.772, 0.0]])
"""Columns Y, Cb, Cr: the inverse of PS3.3 section C.7.6.3.1.2."""


def read_palette(header: Header, signed: bool) -> tuple[LookupTable, LookupTable, LookupTable]:
    """Read the tables of red, green and blue (PS3.3 sections C.7.6.3.1.5, C.7.6.3.1.6 and C.7.9.2)."""
    red, green, blue = (_channel(header, colour, signed) for colour in COLOURS)
    return red, green, blue


def to_8bit_palette(stored: NDArray[Any], palette: tuple[LookupTable, LookupTable, LookupTable]) -> NDArray[np.uint8]:
    """Return uint8 `[rows, columns, 3]` for the indices `stored`."""
    top = float(max(table.top for table in palette))
    if max(int(table.entries.max()) for table in palette) < 256:  # 8-bit colours in 16-bit entries
        top = 255.0
    shades = [_shades(table, top) for table in palette]
    result = np.empty((*stored.shape, len(shades)), np.uint8)
    rows = band_rows(stored.shape[1])
    for start in range(0, stored.shape[0], rows):
        for channel, table in enumerate(shades):
            result[start : start + rows, :, channel] = table(stored[start : start + rows])
    return result


def to_8bit_rgb(stored: NDArray[Any], pixels: PixelDescription, is_rgb: bool) -> NDArray[np.uint8]:
    """Return uint8 `[rows, columns, 3]`; deeper colours are scaled by the range of their bits, not by their values."""
    convert = pixels.photometric in YBR and not is_rgb
    if stored.dtype == np.uint8 and pixels.bits_stored >= 8 and not convert:
        return stored
    bits = min(pixels.bits_stored, stored.dtype.itemsize * 8)
    low = -(1 << (bits - 1)) if pixels.signed else 0
    result = np.empty(stored.shape, np.uint8)
    rows = band_rows(stored.shape[1] * 3)
    for top in range(0, stored.shape[0], rows):
        fractions = (stored[top : top + rows].astype(np.float64) - low) / ((1 << bits) - 1)
        result[top : top + rows] = scaled(_rgb(fractions) if convert else fractions, 0.0, 1.0)
    return result


def _rgb(fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return red, green and blue for Y, Cb and Cr in 0..1, of which a grey has 128/255 in the latter two."""
    converted: NDArray[np.float64] = (fractions - np.array([0.0, 128 / 255, 128 / 255])) @ _TO_RGB.T
    return converted


def _channel(header: Header, colour: str, signed: bool) -> LookupTable:
    descriptor_keyword = f"{colour}PaletteColorLookupTableDescriptor"
    data_keyword, segmented_keyword = (
        f"{colour}PaletteColorLookupTableData",
        f"Segmented{colour}PaletteColorLookupTableData",
    )
    descriptor = read_descriptor(header, descriptor_keyword, signed)
    if header.data(data_keyword):
        entries = read_entries(header, data_keyword, descriptor)
    elif header.data(segmented_keyword):
        entries = _segments(header, segmented_keyword, descriptor)
    else:
        raise unreadable(data_keyword, "is missing")
    return LookupTable(descriptor.first, entries, descriptor.bits)


def _segments(header: Header, keyword: str, descriptor: Descriptor) -> NDArray[np.uint16]:
    if len(header.data(keyword)) > MOST_BYTES:
        raise unreadable(keyword, f"is {len(header.data(keyword))} bytes long")
    words, bits = header.words(keyword), 8 if descriptor.bits == 8 else 16
    units = (words.astype("<u2").view(np.uint8) if bits == 8 else words).tolist()
    return expand_segments(units, bits, descriptor.entries, keyword)


def _shades(table: LookupTable, top: float) -> LookupTable:
    """Return the table with 8-bit entries."""
    return LookupTable(table.first, scaled(table.entries.astype(np.float64), 0.0, top).astype(np.uint16), 8)
