"""Samples that take fewer bits than their container (PS3.5 section 8.1.1)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def extended(values: NDArray[Any], bits: int, signed: bool, high_bit: int | None = None) -> NDArray[Any]:
    """Return the `bits` up to `high_bit` of integers as numbers, two's complement where `signed`.

    What other bits hold, such as overlays of old, is dropped. `high_bit` is `bits - 1` unless given.
    """
    width = values.dtype.itemsize * 8
    high_bit = min(bits, width) - 1 if high_bit is None else high_bit
    numbers = values.view(f"{'i' if signed else 'u'}{values.dtype.itemsize}")
    if high_bit == width - 1 and bits >= width:
        return numbers
    shifted: NDArray[Any] = np.right_shift(np.left_shift(numbers, width - 1 - high_bit), max(width - bits, 0))
    return shifted
