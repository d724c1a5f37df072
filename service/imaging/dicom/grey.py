"""Stored grey values -> 0..255: modality transformation, values of interest, polarity (PS3.3 C.11, PS3.4 N.2)."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.imaging.dicom.description import PixelDescription
from service.imaging.dicom.functional_groups import FunctionalGroups
from service.imaging.dicom.header import Header, unreadable
from service.imaging.dicom.lookup_table import LookupTable, read_table
from service.imaging.dicom.window import LINEAR, LINEAR_EXACT, SIGMOID, Window
from service.imaging.eight_bit import band_rows, extremes, finite, scaled

_DEEP = 8


@dataclass(frozen=True)
class Rescale:
    """Output units = slope x stored value + intercept (PS3.3 section C.11.1.1.2)."""

    slope: float
    intercept: float

    def __call__(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the values in output units."""
        with np.errstate(over="ignore", invalid="ignore"):
            numbers: NDArray[np.float64] = np.multiply(values, self.slope, dtype=np.float64)
            numbers += self.intercept
            return numbers


@dataclass(frozen=True)
class GreyScale:
    """How a frame is meant to be shown; `interest` is None where the header does not say."""

    modality: Rescale | LookupTable | None
    interest: Window | LookupTable | None
    inverted: bool


def read_grey_scale(header: Header, groups: FunctionalGroups, frame: int, pixels: PixelDescription) -> GreyScale:
    """Read what applies to `frame`: its own functional groups, the shared ones, or the data set itself.

    Of several windows or tables the first counts, and a table before a window. A window that the standard gives no
    meaning is left out, as if there were none. Raises UnreadableImage naming the element that is wrong.
    """
    modality = _modality(groups.macro("PixelValueTransformationSequence", frame) or header, pixels.signed)
    may_be_negative = pixels.signed or isinstance(modality, Rescale)
    interest = _interest(groups.macro("FrameVOILUTSequence", frame) or header, may_be_negative)
    return GreyScale(modality, interest, pixels.photometric == "MONOCHROME1")


def to_8bit_grey(stored: NDArray[Any], scale: GreyScale, pixels: PixelDescription) -> NDArray[np.uint8]:
    """Return uint8 `[rows, columns]`, black to white.

    Without a window, up to 8 bits are shown over their whole range and deeper values from their minimum to their
    maximum, as in other formats.
    """
    show = _interest_or_range(stored, scale, pixels)
    result = np.empty(stored.shape, np.uint8)
    for top, values in _bands(stored, scale.modality):
        result[top : top + len(values)] = show(values)
    return 255 - result if scale.inverted else result


def _interest_or_range(
    stored: NDArray[Any], scale: GreyScale, pixels: PixelDescription
) -> Callable[[NDArray[np.float64]], NDArray[np.uint8]]:
    if isinstance(scale.interest, Window):
        return scale.interest
    if isinstance(scale.interest, LookupTable):
        return partial(_through, scale.interest)
    if pixels.bits_stored <= _DEEP and not isinstance(scale.modality, LookupTable):
        least = -(1 << (pixels.bits_stored - 1)) if pixels.signed else 0
        ends = np.array([least, least + (1 << pixels.bits_stored) - 1], np.float64)
        low, high = sorted(float(end) for end in (ends if scale.modality is None else scale.modality(ends)))
    else:
        low, high = _range(stored, scale.modality)
    return partial(scaled, low=low, high=high)


def _range(stored: NDArray[Any], modality: Rescale | LookupTable | None) -> tuple[float, float]:
    """Return the least and the greatest value in output units; a line has them at the ends, unless one overflows."""
    if stored.dtype.kind in "iu" and not isinstance(modality, LookupTable):
        ends = np.array([stored.min(), stored.max()]).astype(np.float64)
        low, high = sorted(float(end) for end in (ends if modality is None else modality(ends)))
        if math.isfinite(low) and math.isfinite(high):
            return low, high
    return extremes(values for _, values in _bands(stored, modality))


def _through(table: LookupTable, values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return scaled(table(values).astype(np.float64), 0.0, float(table.top))


def _bands(stored: NDArray[Any], modality: Rescale | LookupTable | None) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield (first row, values in output units) of bands of rows; what is not finite counts as 0."""
    rows = band_rows(stored.shape[1])
    for top in range(0, stored.shape[0], rows):
        band = finite(stored[top : top + rows])
        yield top, band if modality is None else finite(modality(band))


def _modality(source: Header, signed: bool) -> Rescale | LookupTable | None:
    if tables := source.items("ModalityLUTSequence"):
        return read_table(tables[0], signed)
    slope, intercept = source.number("RescaleSlope"), source.number("RescaleIntercept")
    if slope is None or intercept is None:
        return None
    if slope == 0:
        raise unreadable("RescaleSlope", "is 0, which makes all values equal")
    return Rescale(slope, intercept)


def _interest(source: Header, signed: bool) -> Window | LookupTable | None:
    if tables := source.items("VOILUTSequence"):
        return read_table(tables[0], signed)
    centre, width = source.number("WindowCenter"), source.number("WindowWidth")
    if centre is None or width is None:
        return None
    function = source.code("VOILUTFunction") or LINEAR
    if function not in (LINEAR, LINEAR_EXACT, SIGMOID):
        raise unreadable("VOILUTFunction", "is none of LINEAR, LINEAR_EXACT and SIGMOID")
    window = Window(centre, width, function)
    return window if window.valid else None
