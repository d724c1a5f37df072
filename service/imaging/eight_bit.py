"""More than 8 bits -> 8, by one rule for every format; any Pillow mode -> `L` or `RGB`.

The rule where nothing says how dark and bright are meant: the least value of the picture becomes 0, the greatest 255.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BAND_PIXELS = 1 << 20


def to_8bit(image: Image.Image) -> Image.Image:
    """Return mode `L` or `RGB`; transparency shows black, more than 8 bits are stretched from minimum to maximum."""
    if image.mode.startswith("I") or image.mode == "F":
        return _stretch(image)
    if image.has_transparency_data:
        return _on_black(image)
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_black(image: Image.Image) -> Image.Image:
    rgba = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", rgba.size, (0, 0, 0, 255)), rgba).convert("RGB")
    return flat.convert("L") if image.mode in ("1", "L", "LA", "La") else flat


def scaled(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """Return `low` as 0, `high` as 255, in between linearly and beyond clipped; not a number is 0.

    All is 0 where `low` and `high` are equal.
    """
    if not high > low:
        return np.zeros(values.shape, np.uint8)
    with np.errstate(over="ignore", invalid="ignore"):
        fractions = values - low
        fractions *= 255.0 / (high - low)
    np.fmax(fractions, 0.0, out=fractions)  # takes 0 rather than not a number
    np.fmin(fractions, 255.0, out=fractions)
    return np.rint(fractions, out=fractions).astype(np.uint8)


def extremes(bands: Iterable[NDArray[np.float64]]) -> tuple[float, float]:
    """Return the least and the greatest value."""
    found = [(float(values.min()), float(values.max())) for values in bands]
    return min(least for least, _ in found), max(most for _, most in found)


def band_rows(width: int) -> int:
    """Return how many rows to take at once: an array of a whole picture would take a gigabyte at the limit."""
    return max(_BAND_PIXELS // width, 1)


def finite(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return float64, which may be `values` themselves; what is not finite counts as 0."""
    with np.errstate(invalid="ignore"):  # of a signalling not-a-number
        numbers = values.astype(np.float64, copy=False)
    if values.dtype.kind != "f" or (known := np.isfinite(numbers)).all():
        return numbers
    return np.where(known, numbers, 0.0)


def _stretch(image: Image.Image) -> Image.Image:
    """Return mode `L`: the least value becomes 0, the greatest 255; what is not finite counts as 0."""
    low, high = extremes(values for _, values in _bands(image))
    result = Image.new("L", image.size)
    for top, values in _bands(image):
        result.paste(Image.fromarray(scaled(values, low, high)), (0, top))
    return result


def _bands(image: Image.Image) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield (first row, values) of bands of rows."""
    rows = band_rows(image.width)
    for top in range(0, image.height, rows):
        yield top, finite(np.asarray(image.crop((0, top, image.width, min(top + rows, image.height)))))
