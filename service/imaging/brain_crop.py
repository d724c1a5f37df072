"""Where the head lies in a slice: threshold, opening, largest component, extreme points with a margin."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.imaging.components import Component, largest_component
from service.imaging.morphology import closed, opened
from service.imaging.quartile import first_quartile
from service.imaging.region import WHOLE, Region

_Grey = NDArray[np.uint8]

MIN_EDGE = 32
"""Least edge of a crop in pixels."""
_WORKING_EDGE = 128
_SPECK = 1
"""Radius of the opening in working pixels: annotations and noise are narrower than three."""
_SKULL = 4
"""Radius of the closing in working pixels: the dark skull between scalp and brain is narrower than nine."""
_LEAST_SHARE = 0.05
"""Least share of the picture that the head may cover."""
_LEAST_SPAN = 0.25
"""Least width and height of the head, as fractions of the picture's."""
_PAPER = 200
_NOISE = 8


def brain_region(image: Image.Image, margin: float) -> Region:
    """Return the region of the head in an 8-bit slice, wider by `margin` of its edges on every side.

    The background may be black or white. The region is the whole picture where nothing stands out that is as large as a
    head (blank, tiny or evenly filled pictures), or where it would have fewer than 32 pixels along an edge.
    """
    small = _working_copy(image)
    size = small.shape[1], small.shape[0]
    head = largest_component(_foreground(small))
    if head is None or not _plausible(head, size):
        return WHOLE
    region = _widened(head, size, margin)
    left, top, right, bottom = region.box(image.size)
    return region if min(right - left, bottom - top) >= MIN_EDGE else WHOLE


def _working_copy(image: Image.Image) -> _Grey:
    """Return a grey copy of at most 128 pixels along the longer edge, dark outside the head."""
    scale = min(_WORKING_EDGE / max(image.size), 1.0)
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    small = np.asarray(image.resize(size, Image.Resampling.BOX).convert("L"))
    return 255 - small if _background(small) >= _PAPER else small


def _background(pixels: _Grey) -> float:
    """Return the first quartile of the pixels along the edges."""
    return first_quartile(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]))


def _foreground(pixels: _Grey) -> NDArray[np.bool_]:
    """Return what is brighter than the background, without specks and threads, scalp and brain in one piece.

    The threshold lies midway between the background and Otsu's: dim tissue belongs to the head, too.
    """
    between = _otsu(pixels)
    background = min(_background(pixels), between)
    threshold = max((background + between) / 2, background + _NOISE)
    return closed(opened(pixels > threshold, _SPECK), _SKULL)


def _otsu(pixels: _Grey) -> float:
    """Return the threshold that maximises the variance between two classes (Otsu 1979)."""
    counts = np.bincount(pixels.ravel(), minlength=256).astype(np.float64)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    above = below[-1] - below
    difference = sums[-1] * below - sums * below[-1]
    variance = np.divide(difference**2, below * above, out=np.zeros(256), where=below * above > 0)
    return float(variance.argmax())


def _plausible(head: Component, size: tuple[int, int]) -> bool:
    width, height = size
    spans = (head.right - head.left) / width, (head.bottom - head.top) / height
    return head.area >= _LEAST_SHARE * width * height and min(spans) >= _LEAST_SPAN


def _widened(head: Component, size: tuple[int, int], margin: float) -> Region:
    width, height = size
    aside, above = margin * (head.right - head.left), margin * (head.bottom - head.top)
    return Region(
        max(head.left - aside, 0) / width,
        max(head.top - above, 0) / height,
        min(head.right + aside, width) / width,
        min(head.bottom + above, height) / height,
    )
