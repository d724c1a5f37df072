"""Closed curves in head coordinates: x to the right of the picture, y towards the back of the head.

The unit is half the length of the head. A curve is float64 `[n, 2]`; closing it is left to whoever fills it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]
Generator = np.random.Generator

ANGLES = np.linspace(-np.pi, np.pi, 360, endpoint=False)


@dataclass(frozen=True)
class Outline:
    """A star-shaped closed curve: `radii` `[360]` around the origin, angles from the right side over the back."""

    radii: NDArray[np.float64]

    @property
    def curve(self) -> Curve:
        """The outline as points."""
        return polar(ANGLES, self.radii)

    def inset(self, depth: float | NDArray[np.float64]) -> "Outline":
        """Return the outline moved inwards by `depth`, a number or one value per point."""
        return Outline(self.radii - depth)

    def point(self, angle: float, fraction: float = 1.0) -> Curve:
        """Return the point `[2]` at `fraction` of the radius in the direction `angle`."""
        radius = np.interp(angle, ANGLES, self.radii, period=2 * np.pi)
        return np.asarray(polar(np.array([angle]), np.array([fraction * radius]))[0])

    def arc(self, start: float, stop: float, fraction: float = 1.0) -> Curve:
        """Return the points `[24, 2]` between two angles."""
        return np.stack([self.point(angle, fraction) for angle in np.linspace(start, stop, 24)])


def polar(angles: NDArray[np.float64], radii: NDArray[np.float64]) -> Curve:
    """Return the points of polar coordinates."""
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1)


def head_outline(rng: Generator, width: float) -> Outline:
    """Return an egg of half-length 1 and half-width about `width`, narrower at the forehead, slightly irregular."""
    cosine, sine = np.cos(ANGLES), np.sin(ANGLES)
    half_width = width * (1 + rng.uniform(0.04, 0.11) * sine)
    power = rng.uniform(2.05, 2.4)
    radii = (np.abs(cosine / half_width) ** power + np.abs(sine) ** power) ** (-1 / power)
    return Outline(radii * (1 + ripple(rng, 2, 6, 0.006)))


def ripple(rng: Generator, low: int, high: int, amplitude: float) -> NDArray[np.float64]:
    """Return a smooth periodic function `[360]` of the angle: random harmonics `low` to `high - 1`."""
    orders = np.arange(low, high)
    phases, weights = rng.uniform(0, 2 * np.pi, orders.size), rng.normal(0, amplitude, orders.size)
    return np.asarray((weights[:, None] * np.cos(orders[:, None] * ANGLES + phases[:, None])).sum(axis=0))


def ellipse(centre: Curve | tuple[float, float], axes: tuple[float, float], tilt: float = 0.0) -> Curve:
    """Return an ellipse `[360, 2]` with half-axes `axes`, turned by `tilt` radians."""
    return np.asarray(
        turn(np.stack([axes[0] * np.cos(ANGLES), axes[1] * np.sin(ANGLES)], axis=-1), tilt) + np.asarray(centre)
    )


def blob(rng: Generator, centre: Curve, radius: float, roughness: float) -> Curve:
    """Return an irregular closed curve around `centre`; `roughness` 0 gives a circle."""
    wobble = ripple(rng, 2, 5, roughness) + ripple(rng, 5, 14, roughness / 3)
    return np.asarray(polar(ANGLES, radius * np.clip(1 + wobble, 0.4, 1.6)) + centre)


def ribbon(spine: Curve, widths: NDArray[np.float64] | float) -> Curve:
    """Return the outline of a band of the given full width, one value or one per point, along `spine`."""
    tangent = np.gradient(spine, axis=0)
    length = np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=-1) / length[:, None]
    side = normal * np.broadcast_to(np.asarray(widths) / 2, length.shape)[:, None]
    return np.concatenate([spine + side, (spine - side)[::-1]])


def wander(rng: Generator, start: Curve, heading: float, length: float, bend: float) -> Curve:
    """Return a smooth random walk `[16, 2]` of the given length; `bend` is the standard deviation of its turning."""
    turns = np.cumsum(rng.normal(0, bend / 4, 16)) + heading
    steps = polar(turns, np.full(16, length / 16))
    return np.asarray(start + np.cumsum(steps, axis=0) - steps[0])


def spline(points: list[tuple[float, float]], count: int = 40) -> Curve:
    """Return a smooth open curve through `points`, a uniform Catmull-Rom spline."""
    knots = np.asarray(points, dtype=np.float64)
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    place = np.linspace(0, len(knots) - 1 - 1e-9, count)
    first, t = place.astype(int), (place % 1)[:, None]
    a, b, c, d = (padded[first + k] for k in range(4))
    cubic = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    return np.asarray(0.5 * cubic)


def turn(curve: Curve, angle: float) -> Curve:
    """Return the points `[..., 2]` turned around the origin."""
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y = curve[..., 0], curve[..., 1]
    return np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1)


def mirror(curve: Curve) -> Curve:
    """Return the curve reflected in the midline."""
    return np.asarray(curve * np.array([-1.0, 1.0]))


def symmetric(half: Curve) -> Curve:
    """Return the closed curve made of `half`, which runs from midline to midline, and its mirror image."""
    return np.concatenate([half, mirror(half)[::-1]])
