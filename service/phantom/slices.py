"""Anatomy, lesion and scanner put together."""

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from service.phantom.canvas import Canvas, Pose
from service.phantom.cerebrum import paint_cerebrum
from service.phantom.geometry import Generator
from service.phantom.head import Head, paint_head, random_head
from service.phantom.lesions import Lesion, paint_lesion
from service.phantom.scanner import acquire
from service.phantom.skull_base import paint_skull_base, with_face

MIN_SIZE, MAX_SIZE = 32, 2048


def brain_slice(seed: int = 0, lesion: Lesion = "none", size: int = 512) -> NDArray[np.uint8]:
    """Return a synthetic T1-weighted, contrast-enhanced axial slice, uint8 `[size, size]`, forehead up.

    The same arguments give the same picture; a seed keeps its anatomy whatever the lesion, except that "pituitary"
    shows the same head lower down, through the sella. For tests and demonstrations only, never for training.

    Raises ValueError when `seed` is negative, `size` is outside 32..2048 or `lesion` is unknown.
    """
    if seed < 0 or not MIN_SIZE <= size <= MAX_SIZE or lesion not in get_args(Lesion):
        raise ValueError(f"need seed >= 0, size {MIN_SIZE}..{MAX_SIZE}, lesion in {get_args(Lesion)}")
    anatomy, tumour, scanner = (np.random.default_rng([seed, part]) for part in range(3))
    canvas = Canvas(size, _random_pose(anatomy))
    head = random_head(anatomy, anatomy.uniform(0.78, 0.86))
    _paint_anatomy(canvas, with_face(head, anatomy) if lesion == "pituitary" else head, lesion, anatomy)
    paint_lesion(canvas, head, lesion, tumour)
    return acquire(canvas, scanner)


def _paint_anatomy(canvas: Canvas, head: Head, lesion: Lesion, rng: Generator) -> None:
    paint_head(canvas, head, rng)
    if lesion == "pituitary":
        paint_skull_base(canvas, head, rng)
    else:
        paint_cerebrum(canvas, head, rng)


def _random_pose(rng: Generator) -> Pose:
    """Return a pose that keeps the whole head in the picture."""
    centre = (0.5 + rng.normal(0, 0.012), 0.5 + np.clip(rng.normal(0, 0.015), -0.03, 0.03))
    return Pose((float(centre[0]), float(centre[1])), rng.uniform(0.38, 0.455), rng.normal(0, 0.07))
