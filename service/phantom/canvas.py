"""Curves and noise -> pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from service.phantom.geometry import Curve, Generator, turn

Plane = NDArray[np.float64]

_OVERSAMPLING = 2


@dataclass(frozen=True)
class Pose:
    """Where the head lies: centre and scale as fractions of the picture's edge, turned by `tilt` radians."""

    centre: tuple[float, float]
    scale: float
    tilt: float


class Canvas:
    """A square picture, float64 `[size, size]` on the scale 0..255, painted in head coordinates."""

    def __init__(self, size: int, pose: Pose) -> None:
        """Start with a black picture."""
        self.size = size
        self.pose = pose
        self.pixels: Plane = np.zeros((size, size))

    def mask(self, curves: Sequence[Curve], softness: float = 0.0) -> Plane:
        """Return 1 inside any of the curves, 0 outside; edges blurred by `softness` in head units."""
        edge = self.size * _OVERSAMPLING
        stencil = Image.new("L", (edge, edge))
        draw = ImageDraw.Draw(stencil)
        for curve in curves:
            draw.polygon([(float(x), float(y)) for x, y in self._place(curve) * edge], fill=255)
        small = stencil.reduce(_OVERSAMPLING)
        radius = softness * self.pose.scale * self.size
        return np.asarray(small.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float64) / 255

    def paint(
        self, curves: Sequence[Curve], value: float | Plane, softness: float = 0.0, within: Plane | float = 1.0
    ) -> None:
        """Cover the inside of the curves with `value`, only as far as the mask `within` allows."""
        self.blend(value, self.mask(curves, softness) * within)

    def blend(self, value: float | Plane, weight: Plane) -> None:
        """Move the pixels towards `value` by `weight` (0 keeps them, 1 replaces them)."""
        self.pixels = self.pixels + (value - self.pixels) * weight

    def push(self, centre: Curve, radius: float, within: Plane) -> None:
        """Shift what lies around `centre` outwards, as a growing mass of the given radius does."""
        x, y = self.coordinates()
        away = np.stack([x - centre[0], y - centre[1]], axis=-1)
        distance = np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-6)
        reach = 0.45 * radius * np.exp(-((distance / (2.2 * radius)) ** 2)) * within
        shift = turn(away / distance[..., None] * reach[..., None], self.pose.tilt) * self.pose.scale * self.size
        self.pixels = _sample(self.pixels, shift)

    def noise(self, rng: Generator, cell: float) -> Plane:
        """Return smooth noise of about unit variance; `cell` is the size of its grains in head units."""
        cells = max(round(1 / (cell * self.pose.scale)), 1)
        grid = rng.standard_normal((cells + 3, cells + 3))
        return _upsample(_upsample(grid, self.size, cells).T, self.size, cells).T * 2.1

    def patches(self, rng: Generator, cell: float) -> Plane:
        """Return smooth patches 0..1, mostly near 0.7, to keep lines from looking drawn."""
        return np.clip(0.7 + 0.35 * self.noise(rng, cell), 0, 1)

    def coordinates(self) -> tuple[Plane, Plane]:
        """Return the head coordinates x and y of every pixel."""
        axis = (np.arange(self.size) + 0.5) / self.size
        column, row = np.meshgrid(axis - self.pose.centre[0], axis - self.pose.centre[1])
        points = turn(np.stack([column, row], axis=-1) / self.pose.scale, -self.pose.tilt)
        return points[..., 0], points[..., 1]

    def _place(self, curve: Curve) -> Curve:
        return np.asarray(turn(curve, self.pose.tilt) * self.pose.scale + np.asarray(self.pose.centre))


def _upsample(grid: Plane, size: int, cells: int) -> Plane:
    """Return the uniform cubic B-spline over `grid` `[cells + 3, n]` at `size` places, `[size, n]`.

    Sums instead of a matrix product: the result does not depend on the BLAS library and its threads.
    """
    place = (np.arange(size) + 0.5) / size * cells
    first, t = place.astype(int), (place % 1)[:, None]
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, 3 * t * (1 + t - t**2) + 1, t**3)
    return np.asarray(sum(weight * grid[first + k] for k, weight in enumerate(weights)) / 6)


def _sample(pixels: Plane, shift: NDArray[np.float64]) -> Plane:
    """Return bilinear samples of `pixels` at every pixel's place minus `shift` `[size, size, 2]` (x, y in pixels)."""
    size = pixels.shape[0]
    row, column = np.indices(pixels.shape)
    y, x = np.clip(row - shift[..., 1], 0, size - 1.001), np.clip(column - shift[..., 0], 0, size - 1.001)
    top, left = y.astype(int), x.astype(int)
    down, right = y - top, x - left
    upper = pixels[top, left] * (1 - right) + pixels[top, left + 1] * right
    lower = pixels[top + 1, left] * (1 - right) + pixels[top + 1, left + 1] * right
    return np.asarray(upper * (1 - down) + lower * down)
