"""The largest connected component of a mask, by union of the runs of its rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Run = tuple[int, int, int]
"""Row, first column, column behind the last."""


@dataclass(frozen=True)
class Component:
    """Pixels that hang together: how many, and the extreme ones (`right` and `bottom` are exclusive)."""

    area: int
    left: int
    top: int
    right: int
    bottom: int


def largest_component(mask: NDArray[np.bool_]) -> Component | None:
    """Return the largest 4-connected component of bool `[h, w]`, the uppermost of equal ones, None if there is none."""
    runs = _runs(mask)
    if not runs:
        return None
    roots = np.array(_roots(runs))
    rows, starts, ends = np.array(runs).T
    areas = np.bincount(roots, ends - starts)
    largest = areas.argmax()
    own = roots == largest
    return Component(
        int(areas[largest]),
        int(starts[own].min()),
        int(rows[own].min()),
        int(ends[own].max()),
        int(rows[own].max()) + 1,
    )


def _runs(mask: NDArray[np.bool_]) -> list[_Run]:
    """Return the runs of true pixels from top to bottom and left to right."""
    changes = np.diff(np.pad(mask, ((0, 0), (1, 1))), axis=1)
    rows, columns = (axis.tolist() for axis in np.nonzero(changes))
    return list(zip(rows[::2], columns[::2], columns[1::2], strict=True))


def _roots(runs: list[_Run]) -> list[int]:
    """Return for each run the first run of its component."""
    parents = list(range(len(runs)))
    above = 0
    for here, (row, start, end) in enumerate(runs):
        while runs[above][0] < row - 1 or (runs[above][0] == row - 1 and runs[above][2] <= start):
            above += 1
        other = above
        while runs[other][0] == row - 1 and runs[other][1] < end:
            _join(parents, other, here)
            other += 1
    return [_root(parents, run) for run in range(len(runs))]


def _join(parents: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first


def _root(parents: list[int], run: int) -> int:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run
