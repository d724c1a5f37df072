"""Glioma, meningioma and pituitary adenoma, painted over a finished slice."""

from typing import Literal

import numpy as np

from service.phantom.canvas import Canvas, Plane
from service.phantom.geometry import Curve, Generator, blob, ellipse, ripple
from service.phantom.head import Head
from service.phantom.skull_base import SELLA

Lesion = Literal["none", "glioma", "meningioma", "pituitary"]


def paint_lesion(canvas: Canvas, head: Head, lesion: Lesion, rng: Generator) -> None:
    """Paint `lesion`; "none" leaves the canvas as it is."""
    painters = {"glioma": _paint_glioma, "meningioma": _paint_meningioma, "pituitary": _paint_pituitary}
    if lesion != "none":
        painters[lesion](canvas, head, rng)


def _paint_glioma(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint an irregular enhancing ring around necrosis; it pushes its surroundings and is set in oedema."""
    tone, radius = head.contrast, rng.uniform(0.13, 0.22)
    centre = head.brain.point(_side(rng) + rng.normal(0, 0.5), rng.uniform(0.5, 0.66))
    inside = canvas.mask([head.brain.inset(0.02).curve], 0.02)
    canvas.push(centre, radius, inside)
    _paint_oedema(canvas, head, rng, inside, centre, radius)
    outer = blob(rng, centre, radius, 0.06)
    ring = tone.enhancing * np.clip(0.85 + 0.25 * canvas.noise(rng, 0.06), 0.4, 1.2)
    canvas.paint([outer], ring, 0.016, within=inside)
    thickness = rng.uniform(0.16, 0.34) * np.clip(1 + ripple(rng, 1, 8, 0.22), 0.4, 2.2)
    core = (outer - centre) * (1 - thickness[:, None]) + centre
    canvas.paint([core], tone.fluid * (1.3 + 0.3 * canvas.noise(rng, 0.06)), 0.014, within=inside)


def _paint_oedema(canvas: Canvas, head: Head, rng: Generator, inside: Plane, centre: Curve, radius: float) -> None:
    """Darken the white matter around the ring in fingers."""
    near = canvas.mask([blob(rng, centre, radius * rng.uniform(1.5, 2.1), 0.12)], 0.3 * radius)
    fingers = 1 / (1 + np.exp(-(canvas.noise(rng, 0.09) + 2.2 * (near - 0.4)) * 4))
    canvas.blend(0.74 * head.contrast.white, 0.8 * near * fingers * inside)


def _paint_meningioma(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint a bright, even, well-defined mass that sits on the dura with a broad base and a dural tail."""
    tone, radius = head.contrast, rng.uniform(0.13, 0.24)
    angle = _side(rng) + rng.normal(0, 0.6)
    centre = head.dura.point(angle) * (1 - 0.8 * radius / np.hypot(*head.dura.point(angle)))
    cavity = canvas.mask([head.dura.inset(0.006).curve], 0.004)
    canvas.push(centre, radius, cavity)
    mass = blob(rng, centre, radius, 0.03)
    canvas.paint([(mass - centre) * 1.06 + centre], 0.75 * tone.grey, 0.012, within=cavity)
    even = tone.enhancing * (1 + 0.04 * canvas.noise(rng, 0.06) + 0.03 * canvas.noise(rng, 0.02))
    canvas.paint([mass], even, 0.006, within=cavity)
    tail = canvas.mask([blob(rng, head.dura.point(angle), 1.5 * radius, 0.02)], 0.04)
    rim = cavity * (1 - canvas.mask([head.dura.inset(0.022).curve], 0.006))
    canvas.blend(tone.enhancing, 0.8 * tail * rim)


def _paint_pituitary(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint a small, round, evenly enhancing mass in the sella."""
    tone, radius = head.contrast, rng.uniform(0.07, 0.11)
    centre = np.array([rng.normal(SELLA[0], 0.01), SELLA[1]])
    canvas.paint([ellipse(centre, (1.25 * radius, 1.2 * radius))], tone.fluid, 0.01)
    even = tone.enhancing * (1 + 0.06 * canvas.noise(rng, 0.03))
    canvas.paint([blob(rng, centre, radius, 0.03)], even, 0.008)


def _side(rng: Generator) -> float:
    """Return the direction of the left or the right hemisphere, in radians."""
    return float(rng.choice([0.0, np.pi]))
