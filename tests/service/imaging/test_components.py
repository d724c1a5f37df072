"""The largest connected component, against SciPy's labelling."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from service.imaging.components import Component, largest_component


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
@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans()))
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
