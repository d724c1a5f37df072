"""Opening and closing, against SciPy's and their definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from service.imaging.morphology import closed, dilated, eroded, opened
from tests.service.imaging.masks import MASKS

RADII = st.integers(0, 5)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(MASKS, RADII)
def test_each_operation_is_scipys(mask: np.ndarray, radius: int) -> None:
    square = np.ones((2 * radius + 1,) * 2, bool)
    grown = ndimage.binary_dilation(mask, square)
    roomy, inside = np.pad(mask, 2 * radius), (slice(2 * radius, -2 * radius or None),) * 2
    shrunk = ndimage.binary_erosion(mask, square, border_value=1)

    np.testing.assert_array_equal(dilated(mask, radius), grown)
    np.testing.assert_array_equal(eroded(mask, radius), shrunk)
    np.testing.assert_array_equal(opened(mask, radius), ndimage.binary_dilation(shrunk, square))
    np.testing.assert_array_equal(closed(mask, radius), ndimage.binary_closing(roomy, square)[inside])


@pytest.mark.parametrize(("first", "last"), [(0, 9), (2, 12), (8, 18)])
def test_the_edge_of_the_picture_neither_eats_nor_attracts(first: int, last: int) -> None:
    mask = np.zeros((20, 20), bool)
    mask[:, first:last] = True

    np.testing.assert_array_equal(opened(mask, 3), mask)
    np.testing.assert_array_equal(closed(mask, 3), mask)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(MASKS, RADII)
def test_a_pixel_is_what_its_neighbours_make_it(mask: np.ndarray, radius: int) -> None:
    def near(row: int, column: int) -> list[bool]:
        rows = range(max(row - radius, 0), min(row + radius + 1, mask.shape[0]))
        columns = range(max(column - radius, 0), min(column + radius + 1, mask.shape[1]))
        return [bool(mask[one, other]) for one in rows for other in columns]

    places = list(np.ndindex(*mask.shape))
    before = mask.copy()

    assert dilated(mask, radius).ravel().tolist() == [any(near(*place)) for place in places]
    assert eroded(mask, radius).ravel().tolist() == [all(near(*place)) for place in places]
    np.testing.assert_array_equal(mask, before)
