"""Opening and closing, against SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from service.imaging.morphology import closed, dilated, eroded, opened

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14), elements=st.booleans())
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
