"""Scalp, skull, dura: everything around the brain."""

from dataclasses import dataclass

import numpy as np

from service.phantom.canvas import Canvas, Plane
from service.phantom.geometry import Curve, Generator, Outline, head_outline, ribbon, ripple


@dataclass(frozen=True)
class Contrast:
    """Grey values 0..255 of the tissues in a T1-weighted picture after contrast agent."""

    fat: float
    muscle: float
    marrow: float
    bone: float
    fluid: float
    grey: float
    white: float
    vessel: float
    enhancing: float


@dataclass(frozen=True)
class Head:
    """Nested outlines from outside to inside, and the grey values."""

    skin: Outline
    skull: Outline
    dura: Outline
    brain: Outline
    contrast: Contrast


def random_contrast(rng: Generator) -> Contrast:
    """Return grey values that vary like those of different scanners and window settings."""
    white = rng.uniform(58, 84)
    return Contrast(
        fat=white * rng.uniform(2.0, 2.7),
        muscle=white * rng.uniform(0.95, 1.2),
        marrow=white * rng.uniform(0.5, 0.9),
        bone=white * rng.uniform(0.1, 0.18),
        fluid=white * rng.uniform(0.32, 0.45),
        grey=white * rng.uniform(0.7, 0.88),
        white=white,
        vessel=white * rng.uniform(1.7, 2.3),
        enhancing=white * rng.uniform(1.8, 2.2),
    )


def random_head(rng: Generator, width: float) -> Head:
    """Return a head of half-length 1 and half-width about `width`."""
    skin = head_outline(rng, width)
    skull = skin.inset(rng.uniform(0.045, 0.085) * (1 + ripple(rng, 1, 5, 0.09) + ripple(rng, 5, 14, 0.012)))
    dura = skull.inset(rng.uniform(0.045, 0.07) * (1 + ripple(rng, 1, 6, 0.06) + ripple(rng, 6, 24, 0.02)))
    brain = dura.inset(rng.uniform(0.012, 0.026) * (1 + ripple(rng, 1, 5, 0.15)))
    return Head(skin, skull, dura, brain, random_contrast(rng))


def paint_head(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint skin, fat, muscle and bone, and leave the inside of the dura filled with fluid."""
    tone = head.contrast
    canvas.paint([head.skin.curve], 0.5 * tone.fat, 0.003)
    canvas.paint([head.skin.inset(0.01).curve], _fat(canvas, head, rng), 0.005)
    canvas.paint(_temporal_muscles(head, rng), tone.muscle * (1 + 0.1 * canvas.noise(rng, 0.03)), 0.006)
    canvas.paint([head.skull.curve], tone.bone, 0.005)
    _paint_marrow(canvas, head, rng)
    dura = tone.white * np.clip(0.8 + 0.4 * canvas.noise(rng, 0.15), 0.2, 2)
    canvas.paint([head.dura.inset(-0.005).curve], dura, 0.006)
    canvas.paint([head.dura.inset(0.007).curve], 0.9 * tone.fluid, 0.006)


def _fat(canvas: Canvas, head: Head, rng: Generator) -> Plane:
    """Return the brightness of the scalp: fat with darker septa, unevenly lit."""
    septa = np.exp(-((canvas.noise(rng, 0.03) / 0.3) ** 2))
    return head.contrast.fat * (1 + 0.06 * canvas.noise(rng, 0.02) + 0.1 * canvas.noise(rng, 0.5) - 0.16 * septa)


def _temporal_muscles(head: Head, rng: Generator) -> list[Curve]:
    """Return the flat muscles between scalp and skull in front of the ears; thin or absent in high slices."""
    width = rng.uniform(0.0, 0.06)
    swell = width * np.sin(np.linspace(0, np.pi, 24)) + 0.004
    left, right = head.skull.arc(-2.75, -2.1), head.skull.arc(-1.04, -0.39)
    return [ribbon(left, 2 * swell), ribbon(right, 2 * swell)]


def _paint_marrow(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the bright layer between the tables of the skull, patchy as it is."""
    thickness = head.skull.radii - head.dura.radii
    outer, inner = head.skull.inset(0.3 * thickness), head.skull.inset(0.6 * thickness)
    layer = canvas.mask([outer.curve], 0.004) * (1 - canvas.mask([inner.curve], 0.004))
    patches = np.clip(0.4 + 0.5 * canvas.noise(rng, 0.2) + 0.2 * canvas.noise(rng, 0.03), 0, 1)
    canvas.blend(head.contrast.marrow, layer * patches)
