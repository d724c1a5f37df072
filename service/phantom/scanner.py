"""What the scanner adds: receiver bias, point spread, Rician noise, quantisation."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.phantom.canvas import Canvas, Plane
from service.phantom.geometry import Generator

_MATRIX = 256


def acquire(canvas: Canvas, rng: Generator) -> NDArray[np.uint8]:
    """Return the canvas as a scanner would store it, uint8 `[size, size]`."""
    signal = _sharpen(canvas.pixels * _bias(canvas, rng), rng.uniform(0.0, 1.2))
    noisy = _rician(signal, rng.uniform(1.6, 3.6), rng)
    return np.rint(np.clip(noisy, 0, 255)).astype(np.uint8)


def _bias(canvas: Canvas, rng: Generator) -> Plane:
    """Return the receiver coil's sensitivity: brighter near the coil elements, i.e. towards the surface."""
    x, y = canvas.coordinates()
    lift, slope, direction = rng.uniform(0.0, 0.3), rng.uniform(0.0, 0.12), rng.uniform(0, 2 * np.pi)
    return np.asarray(
        1 + lift * (np.clip(x**2 + y**2, 0, 1.2) - 0.35) + slope * (x * np.cos(direction) + y * np.sin(direction))
    )


def _sharpen(signal: Plane, amount: float) -> Plane:
    """Return the signal with its edges enhanced, as the reconstruction filters of scanners do."""
    padded = np.pad(signal, 2, mode="edge")
    rows = (padded[:-4] + padded[1:-3] + padded[2:-2] + padded[3:-1] + padded[4:]) / 5
    blurred = (rows[:, :-4] + rows[:, 1:-3] + rows[:, 2:-2] + rows[:, 3:-1] + rows[:, 4:]) / 5
    return np.clip(signal + amount * (signal - blurred), 0, None)


def _rician(signal: Plane, sigma: float, rng: Generator) -> Plane:
    """Return the magnitude of the signal with complex noise, acquired on a 256-matrix and interpolated."""
    real, imaginary = (_grain(signal.shape[0], rng) * sigma for _ in range(2))
    return np.hypot(signal + real, imaginary)


def _grain(size: int, rng: Generator) -> Plane:
    coarse = Image.fromarray(rng.standard_normal((_MATRIX, _MATRIX)).astype(np.float32))
    return np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float64)
