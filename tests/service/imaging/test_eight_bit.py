import numpy as np

from service.imaging.eight_bit import finite


def test_a_signalling_not_a_number_counts_as_0_without_a_warning() -> None:
    values = np.array([0x7F800001, 0x3F800000], np.uint32).view(np.float32)

    assert finite(values).tolist() == [0.0, 1.0]
