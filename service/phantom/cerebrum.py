"""A slice through the lateral ventricles: folded cortex, nuclei, ventricles, falx, vessels."""

import numpy as np

from service.phantom.canvas import Canvas, Plane
from service.phantom.geometry import Curve, Generator, ellipse, mirror, ribbon, spline, symmetric, wander
from service.phantom.head import Head

_TAPER = np.linspace(1.0, 0.35, 16)


def paint_cerebrum(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the brain into the space inside the dura."""
    inside = canvas.mask([head.brain.curve], 0.006)
    paint_tissue(canvas, head, rng, inside)
    paint_cortex(canvas, head, _folds(head, rng), rng, inside)
    _paint_nuclei(canvas, head, rng)
    if rng.random() < 0.5:
        _paint_horns(canvas, head, rng)
    else:
        _paint_bodies(canvas, head, rng)
    _paint_falx(canvas, head, rng)
    paint_vessels(canvas, head, rng, inside, count=int(rng.integers(4, 28)))


def paint_tissue(canvas: Canvas, head: Head, rng: Generator, inside: Plane) -> None:
    """Fill the brain with white matter of uneven brightness."""
    tone = head.contrast
    texture = 1 + 0.04 * canvas.noise(rng, 0.2) + 0.03 * canvas.noise(rng, 0.06)
    canvas.blend(tone.white * texture, inside)


def paint_cortex(canvas: Canvas, head: Head, folds: list[Curve], rng: Generator, inside: Plane) -> None:
    """Paint a grey rim along the surface and along every fold, and dark fluid within the folds."""
    tone = head.contrast
    rim = inside - canvas.mask([head.brain.inset(rng.uniform(0.06, 0.1)).curve], 0.02)
    banks = canvas.mask([ribbon(fold, 0.11 * _TAPER) for fold in folds], 0.012)
    patchy = np.clip(0.8 + 0.25 * canvas.noise(rng, 0.15), 0, 1)
    canvas.blend(tone.grey, np.clip(rim + banks, 0, 1) * inside * patchy)
    width = rng.uniform(0.012, 0.024)
    sulci = canvas.mask([ribbon(fold, width * _TAPER) for fold in folds], 0.004)
    depth = np.clip(0.75 + 0.3 * canvas.noise(rng, 0.2), 0, 1)
    canvas.blend(tone.fluid, sulci * depth)


def surface_folds(head: Head, rng: Generator, start: float, stop: float, depth: float) -> list[Curve]:
    """Return sulci that enter from the surface between two angles, each at most about `depth` long."""
    folds, angle = [], start + rng.uniform(0, 0.1)
    while angle < stop:
        length = depth * rng.uniform(0.3, 1.0)
        fold = wander(rng, head.brain.point(angle, 1.01), angle + np.pi + rng.normal(0, 0.35), length, 0.9)
        folds.append(fold)
        if rng.random() < 0.4:
            folds.append(wander(rng, fold[8], angle + np.pi + rng.choice([-1.1, 1.1]), 0.5 * length, 0.8))
        angle += rng.uniform(0.07, 0.17)
    return folds


def _folds(head: Head, rng: Generator) -> list[Curve]:
    depth = rng.uniform(0.14, 0.3)
    folds = surface_folds(head, rng, -np.pi, np.pi, depth)
    for side in (-1.0, 1.0):
        for y in np.concatenate([rng.uniform(-0.75, -0.4, 3), rng.uniform(0.45, 0.75, 3)]):
            heading = (0.0 if side > 0 else np.pi) + rng.normal(0, 0.4)
            folds.append(wander(rng, np.array([side * 0.01, y]), heading, rng.uniform(0.05, 0.2), 0.9))
        insula = np.array([side * rng.uniform(0.46, 0.5), rng.uniform(-0.25, -0.1)])
        folds.append(wander(rng, insula, np.pi / 2 + rng.normal(0, 0.1), rng.uniform(0.15, 0.3), 0.5))
    return folds


def _paint_nuclei(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint caudate, lentiform nucleus and thalamus, a little darker than white matter."""
    pale = 0.5 * (head.contrast.grey + head.contrast.white) - 2
    for side in (-1.0, 1.0):
        lentiform = ellipse((side * 0.33, -0.16 + rng.normal(0, 0.01)), (0.07, 0.17), -0.3 * side)
        thalamus = ellipse((side * 0.15, 0.08 + rng.normal(0, 0.01)), (0.09, 0.14), -0.5 * side)
        canvas.paint([lentiform, thalamus], pale, 0.025)


def _paint_horns(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint frontal horns, third ventricle and trigones with choroid plexus."""
    tone, width = head.contrast, rng.uniform(0.6, 1.6)
    fluid, plexus = [ribbon(spline([(0, -0.1), (0, 0.0), (0, 0.14)]), 0.022 * width)], []
    for side in (-1.0, 1.0):
        fluid += [_frontal_horn(rng, side, width), _trigone(rng, side, width)]
        plexus.append(ellipse((side * rng.uniform(0.28, 0.3), 0.34), (0.018, 0.05 * min(width, 1)), -0.3 * side))
    canvas.paint(fluid, tone.fluid, 0.008)
    canvas.paint(plexus, 0.8 * tone.vessel, 0.008)
    canvas.paint([ellipse((0, 0.27), (0.02, 0.05))], 0.8 * tone.vessel, 0.012)


def _frontal_horn(rng: Generator, side: float, width: float) -> Curve:
    tip = rng.uniform(0.16, 0.22)
    spine = spline([(0.03, -0.12), (0.06, -0.25), (0.11, -0.34), (tip, -0.41)])
    widths = width * np.interp(np.linspace(0, 1, 40), [0, 0.35, 0.75, 1], [0.01, 0.05, 0.06, 0.01])
    return ribbon(_on_side(spine, side), widths * rng.uniform(0.85, 1.15))


def _trigone(rng: Generator, side: float, width: float) -> Curve:
    spine = spline([(0.24, 0.24), (0.3, 0.34), (0.31, 0.46), (rng.uniform(0.22, 0.28), 0.6)])
    widths = width * np.interp(np.linspace(0, 1, 40), [0, 0.35, 0.75, 1], [0.015, 0.075, 0.05, 0.01])
    return ribbon(_on_side(spine, side), widths * rng.uniform(0.8, 1.2))


def _paint_bodies(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the bodies of the lateral ventricles, two bars that curve away from the midline."""
    width = rng.uniform(0.5, 1.5)
    front, back = rng.uniform(-0.38, -0.3), rng.uniform(0.3, 0.45)
    widths = width * np.interp(np.linspace(0, 1, 40), [0, 0.3, 0.7, 1], [0.015, 0.075, 0.08, 0.015])
    spine = spline([(0.17, front), (0.1, front / 2), (0.1, 0.05), (0.15, back / 1.6), (0.24, back)])
    bodies = [ribbon(_on_side(spine, side), widths * rng.uniform(0.85, 1.15)) for side in (-1.0, 1.0)]
    canvas.paint(bodies, head.contrast.fluid, 0.01)


def _paint_falx(canvas: Canvas, head: Head, rng: Generator) -> None:
    """Paint the cleft between the hemispheres, the falx in it and the sagittal sinus at both ends."""
    tone = head.contrast
    top, bottom = head.dura.point(-np.pi / 2)[1], head.dura.point(np.pi / 2)[1]
    bow = rng.normal(0, 0.01, 6)
    front = spline([(0, top), (bow[0], top + 0.12), (bow[1], top + 0.26), (bow[2], -0.46)])
    back = spline([(bow[3], 0.4), (bow[4], bottom - 0.26), (bow[5], bottom - 0.12), (0, bottom)])
    cleft = np.interp(np.linspace(0, 1, 40), [0, 0.8, 1], [0.016, 0.035, 0.006])
    canvas.paint([ribbon(front, cleft), ribbon(back, cleft[::-1])], tone.fluid * 1.1, 0.005)
    falx = tone.white * np.clip(1.3 + 0.5 * canvas.noise(rng, 0.06), 0.5, 2.2)
    thin = np.interp(np.linspace(0, 1, 40), [0, 0.6, 1], [0.01, 0.008, 0.002])
    canvas.paint([ribbon(front, thin), ribbon(back, thin[::-1])], falx, 0.003)
    canvas.paint([ellipse((0, top + 0.015), (0.014, 0.02))], 0.9 * tone.vessel, 0.007)
    paint_sinus(canvas, head, rng, bottom)


def paint_sinus(canvas: Canvas, head: Head, rng: Generator, bottom: float) -> None:
    """Paint the sagittal sinus where the slice cuts it at the back."""
    tip, width = rng.uniform(0.05, 0.09), rng.uniform(0.02, 0.04)
    side = spline([(width, bottom), (0.008, bottom - 0.6 * tip), (0, bottom - tip)])
    blood = head.contrast.vessel * (rng.uniform(0.7, 1.05) + 0.1 * canvas.noise(rng, 0.03))
    canvas.paint([symmetric(side)], blood, 0.007)


def paint_vessels(canvas: Canvas, head: Head, rng: Generator, inside: Plane, count: int) -> None:
    """Paint thin enhancing vessels near the surface and dots on it."""
    vessels: list[Curve] = []
    for angle in rng.uniform(-np.pi, np.pi, count):
        start = head.brain.point(angle, rng.uniform(0.8, 1.0))
        vessels.append(
            ribbon(wander(rng, start, rng.uniform(-np.pi, np.pi), rng.uniform(0.04, 0.16), 1.2), 0.009 * _TAPER)
        )
    dots = [ellipse(head.brain.point(a, 1.0), (0.012, 0.009)) for a in rng.uniform(-np.pi, np.pi, count)]
    canvas.paint(vessels, head.contrast.vessel, 0.004, within=0.55 * inside)
    canvas.paint(dots, head.contrast.vessel, 0.005)


def _on_side(curve: Curve, side: float) -> Curve:
    return curve if side > 0 else mirror(curve)
