"""How sharp a picture is, and how much of it is black or white altogether, at the scale at which the model sees it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_PERCENT = 99
_ELLIPSE = 0.9
"""Axes of the ellipse that is looked at for clipping, as fractions of the edge: a head without corners and scalp."""


@dataclass(frozen=True)
class Quality:
    """What was measured of one input of the model.

    `sharpness` is the 99th percentile of the absolute Laplacian over that of the gradient: it falls as the narrowest
    edges widen, whatever the contrast; None without any gradient. `black` and `white` are the shares of the values 0
    and 255 within the ellipse.
    """

    sharpness: float | None
    black: float
    white: float


def measure(pixels: NDArray[np.uint8]) -> Quality:
    """Measure uint8 `[size, size, channels]`, of which the mean of the channels is taken; every other row will do."""
    grey = pixels[..., 0] if pixels.shape[-1] == 1 else pixels.mean(axis=-1).astype(np.uint8)
    inside = grey[::2][_ellipse(grey.shape[0])]
    return Quality(
        sharpness=_sharpness(grey.astype(np.int16)),
        black=float(np.count_nonzero(inside == 0) / inside.size),
        white=float(np.count_nonzero(inside == 255) / inside.size),
    )


def _sharpness(grey: NDArray[np.int16]) -> float | None:
    middle, left, right = grey[1:-1:2, 1:-1], grey[1:-1:2, :-2], grey[1:-1:2, 2:]
    up, down = grey[:-2:2, 1:-1], grey[2::2, 1:-1]
    gradient = _percentile(np.abs(right - left) + np.abs(down - up))
    return _percentile(np.abs(4 * middle - left - right - up - down)) / gradient if gradient else None


def _percentile(values: NDArray[np.int16]) -> int:
    """Return the nearest-rank percentile of small integers that are not negative."""
    counts = np.bincount(values.ravel()).cumsum()
    return int(np.searchsorted(counts, values.size * _PERCENT / 100))


@lru_cache(maxsize=4)
def _ellipse(size: int) -> NDArray[np.bool_]:
    steps = (np.arange(size) + 0.5) * (2 / size) - 1
    inside: NDArray[np.bool_] = np.hypot(steps[::2, None], steps[None, :]) <= _ELLIPSE
    return inside
