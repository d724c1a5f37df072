import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.imaging.eight_bit import finite, scaled

ANYTHING = st.floats(allow_nan=True, allow_infinity=True)


def test_a_signalling_not_a_number_counts_as_0_without_a_warning() -> None:
    values = np.array([0x7F800001, 0x3F800000], np.uint32).view(np.float32)

    assert finite(values).tolist() == [0.0, 1.0]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(ANYTHING, min_size=1, max_size=20))
def test_what_is_not_finite_becomes_0_in_the_result_alone(numbers: list[float]) -> None:
    values = np.array(numbers)

    assert finite(values).tolist() == [number if math.isfinite(number) else 0.0 for number in numbers]
    np.testing.assert_array_equal(values, np.array(numbers))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(ANYTHING | st.floats(-300, 300), min_size=1, max_size=20),
    st.floats(-500, 500, width=16),
    st.floats(-500, 500, width=16),
)
def test_values_are_scaled_one_by_one_and_stay_as_they_were(numbers: list[float], low: float, high: float) -> None:
    def alone(number: float) -> int:
        share = (number - low) * (255.0 / (high - low)) if high > low else 0.0
        return 0 if math.isnan(share) else round(min(max(share, 0.0), 255.0))

    values = np.array(numbers)

    assert scaled(values, low, high).tolist() == [alone(number) for number in numbers]
    np.testing.assert_array_equal(values, np.array(numbers))
