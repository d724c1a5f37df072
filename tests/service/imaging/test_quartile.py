"""The first quartile, against NumPy's."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from service.imaging.quartile import first_quartile


@settings(max_examples=300, deadline=None, derandomize=True)
@given(arrays(np.uint8, st.integers(1, 40)))
def test_it_is_numpys(values: np.ndarray) -> None:
    before = values.copy()

    assert first_quartile(values) == np.percentile(values, 25)
    np.testing.assert_array_equal(values, before)
