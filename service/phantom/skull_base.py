"""A slice through the sella: orbits and nose in front, temporal lobes, midbrain and its cisterns behind."""

import numpy as np

from service.phantom.canvas import Canvas
from service.phantom.cerebrum import paint_cortex, paint_sinus, paint_tissue, paint_vessels, surface_folds
from service.phantom.geometry import (
    ANGLES,
    Curve,
    Generator,
    Outline,
    blob,
    ellipse,
    mirror,
    ribbon,
    spline,
    symmetric,
    wander,
)
from service.phantom.head import Head

SELLA = (0.0, -0.2)

_ORBIT = 0.42
"""Angle between the midline and the eyes, in radians."""


def with_face(head: Head, rng: Generator) -> Head:
    """Return the head as it is at the level of the eyes: brow and nose, the cranial cavity ending behind the orbits."""
    aside = np.abs(ANGLES + np.pi / 2)
    brow = 0.06 * np.exp(-(((aside - _ORBIT) / 0.22) ** 2)) + rng.uniform(0.03, 0.07) * np.exp(-((aside / 0.12) ** 2))
    slim = 0.97 - rng.uniform(0.07, 0.12) * np.cos(ANGLES) ** 2
    skin = Outline(head.skin.radii * (slim + brow))
    limit = (rng.uniform(0.5, 0.54) - 0.14 * np.sin(aside) ** 2) / np.clip(np.cos(aside), 1e-3, None)
    dura = Outline(((slim * head.dura.radii) ** -5 + limit**-5) ** (-1 / 5))
    skull = Outline(np.minimum(slim * head.skull.radii, dura.radii + 0.045))
    return Head(skin, skull, dura, dura.inset(head.dura.radii - head.brain.radii), head.contrast)


def paint_skull_base(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint orbits, nose and brain into a head `with_face`."""
    inside = canvas.mask([head.brain.curve], 0.006)
    paint_tissue(canvas, head, rng, inside)
    paint_cortex(canvas, head, _folds(head, rng), rng, inside)
    _paint_face(canvas, head, rng)
    _paint_cisterns(canvas, head, rng)
    _paint_midbrain(canvas, head, rng)
    _paint_vermis(canvas, head, rng)
    paint_vessels(canvas, head, rng, inside, count=int(rng.integers(4, 16)))


def _folds(head: Head, rng: Generator) -> list[Curve]:
    """Return sulci of the temporal and occipital lobes and of the medial temporal surface."""
    folds = surface_folds(head, rng, -np.pi, np.pi, rng.uniform(0.14, 0.26))
    for side in (-1.0, 1.0):
        for y in rng.uniform(0.0, 0.6, 4):
            start = np.array([side * rng.uniform(0.2, 0.32), y])
            folds.append(wander(rng, start, rng.uniform(-np.pi, np.pi), rng.uniform(0.08, 0.2), 1.0))
    return folds


def _paint_face(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the muscles of the temple, both orbits, and the air cells of the nose between them."""
    tone = head.contrast
    under, bone = head.skin.inset(rng.uniform(0.05, 0.09)), head.skull.inset(-0.02)
    temples = [np.concatenate([under.arc(a, b), bone.arc(b, a)]) for a, b in ((-2.9, -2.3), (-0.84, -0.24))]
    streaks = np.exp(-((canvas.noise(rng, 0.05) / 0.25) ** 2))
    canvas.paint(temples, tone.muscle * (1 + 0.12 * canvas.noise(rng, 0.03) + 0.5 * streaks), 0.012)
    for side in (-1.0, 1.0):
        _paint_orbit(canvas, head, rng, side)
    _paint_nose(canvas, head, rng)
    _paint_gyri_recti(canvas, head, rng)


def _paint_orbit(canvas: Canvas, head: Head, rng: Generator, side: float) -> None:
    """Paint one orbit: a funnel of fat between thin bones, crossed by nerve and muscles, and the globe in it."""
    tone, radius = head.contrast, rng.uniform(0.11, 0.155)
    rim = head.skin.point(-np.pi / 2 + side * _ORBIT)
    globe, apex = rim * (1 - (radius + 0.035) / np.hypot(*rim)), np.array([side * 0.17, -0.46])
    canvas.paint([_cone(globe, apex, radius + 0.05)], tone.fat * (0.95 + 0.12 * canvas.noise(rng, 0.03)), 0.01)
    spans = [_line(globe, apex, (dx, 0.06), (dx / 3, 0.0)) for dx in (-1.1 * radius, 0.0, 1.1 * radius)]
    canvas.paint([ribbon(s, rng.uniform(0.025, 0.045)) for s in spans], tone.muscle, 0.014, canvas.patches(rng, 0.06))
    walls = [_line(globe, apex, (dx, -0.02), (dx / 2, 0.0)) for dx in (-0.2, 0.2)]
    canvas.paint([ribbon(wall, 0.022) for wall in walls], tone.bone, 0.008, canvas.patches(rng, 0.06))
    _paint_globe(canvas, head, rng, globe, radius)


def _paint_globe(canvas: Canvas, head: Head, rng: Generator, centre: Curve, radius: float) -> None:
    tone = head.contrast
    canvas.paint([blob(rng, centre, radius, 0.015)], 0.8 * tone.muscle, 0.01)
    vitreous = tone.fluid * (rng.uniform(0.9, 1.3) + 0.2 * canvas.noise(rng, 0.12))
    canvas.paint([blob(rng, centre, radius - 0.014, 0.02)], vitreous, 0.016)
    lens = centre + np.array([rng.normal(0, 0.015), -0.75 * radius])
    canvas.paint([ellipse(lens, (0.055, 0.022))], 0.8 * tone.grey, 0.014, within=canvas.patches(rng, 0.1))


def _cone(globe: Curve, apex: Curve, radius: float) -> Curve:
    """Return the funnel of the orbit: half a circle around the globe that narrows to the apex."""
    angles = np.linspace(0.9 * np.pi, 2.1 * np.pi, 40)
    front = globe + radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return np.concatenate([front, _line(apex, apex, (0.06, 0.0), (-0.06, 0.0))])


def _line(start: Curve, stop: Curve, start_shift: tuple[float, float], stop_shift: tuple[float, float]) -> Curve:
    """Return the straight line between two points, each shifted first."""
    return np.stack([start + np.asarray(start_shift), stop + np.asarray(stop_shift)])


def _paint_nose(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint air cells with enhancing mucosa between the orbits."""
    tone, front = head.contrast, head.skin.point(-np.pi / 2)[1] + rng.uniform(0.06, 0.1)
    half = spline([(0, front), (0.1, front + 0.06), (0.12, -0.72), (0.08, -0.55), (0, -0.5)])
    canvas.paint([symmetric(half)], 1.3 * tone.bone, 0.012)
    walls = [wander(rng, np.array([x, front + 0.05]), np.pi / 2, 0.3, 0.6) for x in (-0.07, -0.03, 0.0, 0.04, 0.07)]
    canvas.paint([ribbon(wall, 0.014) for wall in walls], 0.9 * tone.vessel, 0.006, within=canvas.patches(rng, 0.05))


def _paint_gyri_recti(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the underside of the frontal lobes where it dips between the orbits."""
    tone, front = head.contrast, rng.uniform(-0.7, -0.58)
    half = spline([(0, front), (0.06, front + 0.04), (0.09, -0.5), (0.14, -0.42)])
    canvas.paint([symmetric(half)], 0.9 * tone.grey, 0.02)
    lines = [spline([(x, front + 0.03), (1.2 * x, -0.5), (1.5 * x, -0.36)]) for x in (-0.045, 0.0, 0.045)]
    canvas.paint([ribbon(line, 0.014) for line in lines], tone.fluid, 0.008, within=canvas.patches(rng, 0.1))


def _paint_cisterns(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the fluid around the sella and along the Sylvian fissures, with the arteries in it."""
    tone = head.contrast
    star = spline([(0, -0.34), (0.07, -0.24), (0.15, -0.22), (0.08, -0.08), (0.0, -0.04)])
    fissure = spline([(0.12, -0.24), (0.25, -0.27), (0.38, -0.22), (0.48, -0.26)])
    horn = spline([(0.36, 0.02), (0.4, 0.14), (0.38, 0.3)])
    widths = np.interp(np.linspace(0, 1, 40), [0, 0.5, 1], [0.035, 0.025, 0.01])
    shapes = [symmetric(star)]
    for part in (ribbon(fissure, widths), ribbon(horn, widths * rng.uniform(0.5, 1.5))):
        shapes += [part, mirror(part)]
    canvas.paint(shapes, tone.fluid * 1.1, 0.016, within=canvas.patches(rng, 0.1))
    carotids = [ellipse((side * rng.uniform(0.09, 0.12), -0.19), (0.02, 0.026)) for side in (-1, 1)]
    arteries = [
        ribbon(wander(rng, np.array([side * 0.1, -0.22]), np.pi * (side < 0), 0.25, 0.5), 0.012) for side in (-1, 1)
    ]
    canvas.paint(carotids + arteries, 0.8 * tone.vessel, 0.006, within=0.8)


def _paint_midbrain(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the peduncles and the tectum, ringed by the ambient cistern."""
    tone, scale = head.contrast, rng.uniform(0.75, 0.95)
    half = spline([(0, -0.01), (0.07, -0.05), (0.15, 0.02), (0.13, 0.12), (0.06, 0.2), (0, 0.2)]) * scale + (0, 0.02)
    stem = symmetric(half)
    canvas.paint([stem + 0.2 * (stem - stem.mean(axis=0))], tone.fluid * 1.1, 0.016, within=canvas.patches(rng, 0.08))
    canvas.paint([stem], tone.white * (0.98 + 0.02 * canvas.noise(rng, 0.05)), 0.01)
    canvas.paint([ellipse((0, 0.16), (0.012, 0.012))], tone.fluid, 0.006)


def _paint_vermis(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the leaves of the upper vermis, the edge of the tentorium and the falx behind it."""
    tone, bottom = head.contrast, head.dura.point(np.pi / 2)[1]
    leaves = [
        ribbon(spline([(-w, y), (0, y + 0.04), (w, y)]), 0.012) for w, y in ((0.1, 0.3), (0.08, 0.35), (0.06, 0.4))
    ]
    canvas.paint(leaves, tone.fluid * 1.2, 0.012, within=canvas.patches(rng, 0.06))
    edge = spline([(0.16, 0.16), (0.13, 0.32), (0.0, 0.52)])
    falx = spline([(0, 0.52), (rng.normal(0, 0.01), 0.7), (0, bottom)])
    canvas.paint(
        [ribbon(edge, 0.024), ribbon(mirror(edge), 0.024), ribbon(falx, 0.02)],
        tone.fluid * 1.2,
        0.012,
        within=canvas.patches(rng, 0.1),
    )
    bright = tone.white * np.clip(1.2 + 0.5 * canvas.noise(rng, 0.08), 0.6, 2.0)
    canvas.paint([ribbon(edge, 0.008), ribbon(mirror(edge), 0.008), ribbon(falx, 0.008)], bright, 0.004)
    paint_sinus(canvas, head, rng, bottom)
