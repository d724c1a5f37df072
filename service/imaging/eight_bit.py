"""Any Pillow mode -> 8 bits: mode `L` or `RGB`."""

from collections.abc import Iterator

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


def _stretch(image: Image.Image) -> Image.Image:
    """Return mode `L`: the least value becomes 0, the greatest 255; what is not finite counts as 0."""
    extremes = [(float(values.min()), float(values.max())) for _, values in _bands(image)]
    low, high = min(least for least, _ in extremes), max(most for _, most in extremes)
    scale = 255.0 / (high - low) if high > low else 0.0
    result = Image.new("L", image.size)
    for top, values in _bands(image):
        result.paste(Image.fromarray(np.rint((values - low) * scale).astype(np.uint8)), (0, top))
    return result


def _bands(image: Image.Image) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield (first row, values) of bands of rows: an array of the whole image would take a gigabyte at the limit."""
    rows = max(_BAND_PIXELS // image.width, 1)
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        yield top, np.nan_to_num(np.asarray(band).astype(np.float64), copy=False, posinf=0.0, neginf=0.0)
