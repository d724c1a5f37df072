"""The largest connected component, against SciPy's labelling and a flood fill."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import ndimage

from service.imaging.components import Component, largest_component
from tests.service.imaging.masks import MASKS


def mask(*rows: str) -> np.ndarray:
    return np.array([[cell == "#" for cell in row] for row in rows])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("...", "..."), None),
        (("###", "###"), Component(6, 0, 0, 3, 2)),
        (("#..", ".##"), Component(2, 1, 1, 3, 2)),
        (("#.#.#", "#.#.#", "#####"), Component(11, 0, 0, 5, 3)),
        (("#####", "#...#", "#.#.#", "#...#", "#####"), Component(16, 0, 0, 5, 5)),
        (("##.", "...", "##."), Component(2, 0, 0, 2, 1)),
        ((".###", "##..", "....", "####"), Component(5, 0, 0, 4, 2)),
    ],
    ids=["nothing", "everything", "corners do not connect", "three legs", "ring", "uppermost of equals", "step"],
)
def test_components_by_hand(rows: tuple[str, ...], expected: Component | None) -> None:
    assert largest_component(mask(*rows)) == expected


@settings(max_examples=200, deadline=None, derandomize=True)
@given(MASKS)
def test_it_is_the_largest_of_those_that_scipy_finds(pixels: np.ndarray) -> None:
    labels, count = ndimage.label(pixels)
    expected = {
        Component(int((labels == 1 + n).sum()), columns.start, rows.start, columns.stop, rows.stop)
        for n, (rows, columns) in enumerate(ndimage.find_objects(labels))
    }

    found = largest_component(pixels)

    if count:
        assert found in expected
        assert found is not None and found.area == max(one.area for one in expected)
    else:
        assert found is None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(MASKS)
def test_it_is_the_first_of_the_largest_that_a_flood_fill_finds(pixels: np.ndarray) -> None:
    components = flooded(pixels)

    assert largest_component(pixels) == max(components, key=lambda one: one.area, default=None)


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_comb_of_many_teeth_is_one(step: int) -> None:
    comb = np.zeros((60, 121), bool)
    comb[:, ::2] = True
    comb[-1, ::step] = True
    comb[40, 3:90] = True

    assert largest_component(comb) == max(flooded(comb), key=lambda one: one.area)


def flooded(pixels: np.ndarray) -> list[Component]:
    """Return the components by their first pixels along the rows, each filled from there pixel by pixel."""
    left = {(int(row), int(column)) for row, column in np.argwhere(pixels)}
    found = []
    while left:
        waiting, piece = [min(left)], set()
        while waiting:
            row, column = waiting.pop()
            if (row, column) in left:
                left.remove((row, column))
                piece.add((row, column))
                waiting += [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        rows, columns = [row for row, _ in piece], [column for _, column in piece]
        found.append(Component(len(piece), min(columns), min(rows), max(columns) + 1, max(rows) + 1))
    return found
