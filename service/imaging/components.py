"""The largest connected component of a mask, by union of the runs of its rows."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_Numbers = NDArray[np.intp]


@dataclass(frozen=True)
class Component:
    """Pixels that hang together: how many, and the extreme ones (`right` and `bottom` are exclusive)."""

    area: int
    left: int
    top: int
    right: int
    bottom: int


class _Runs(NamedTuple):
    """The runs of true pixels from top to bottom and left to right: first place, and the one behind the last.

    Places count along the rows, each of them with a false pixel at its end: `width` is one more than the mask's.
    """

    starts: _Numbers
    ends: _Numbers
    width: int


def largest_component(mask: NDArray[np.bool_]) -> Component | None:
    """Return the largest 4-connected component of bool `[h, w]`, the uppermost of equal ones, None if there is none."""
    runs = _runs(mask)
    if not runs.starts.size:
        return None
    roots = _roots(runs)
    areas = np.bincount(roots, runs.ends - runs.starts)
    largest = areas.argmax()
    own = np.flatnonzero(roots == largest)
    lefts, rights = runs.starts[own] % runs.width, runs.ends[own] % runs.width
    return Component(
        area=int(areas[largest]),
        left=int(lefts.min()),
        top=int(runs.starts[own[0]]) // runs.width,
        right=int(rights.max()),
        bottom=int(runs.starts[own[-1]]) // runs.width + 1,
    )


def _runs(mask: NDArray[np.bool_]) -> _Runs:
    height, width = mask.shape
    places = np.zeros(height * (width + 1) + 1, bool)
    places[1:].reshape(height, width + 1)[:, :width] = mask
    changes = np.flatnonzero(places[1:] != places[:-1])
    return _Runs(changes[::2], changes[1::2], width + 1)


def _roots(runs: _Runs) -> _Numbers:
    """Return for each run the first run of its component."""
    first = np.searchsorted(runs.ends, runs.starts - runs.width, "right")
    behind = np.searchsorted(runs.starts, runs.ends - runs.width, "left")
    parents = _followed(np.where(first < behind, first, np.arange(first.size)))
    several = np.flatnonzero(behind - first > 1)
    if not several.size:
        return parents
    joined = parents.tolist()
    for here, start, end in zip(several.tolist(), first[several].tolist(), behind[several].tolist(), strict=True):
        for above in range(start + 1, end):
            _join(joined, above, here)
    return _followed(np.array(joined))


def _followed(parents: _Numbers) -> _Numbers:
    """Return for each run where its parents lead to: each round goes twice as far."""
    while not np.array_equal(further := parents[parents], parents):
        parents = further
    return parents


def _join(parents: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first


def _root(parents: list[int], run: int) -> int:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run
