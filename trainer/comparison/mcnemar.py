"""McNemar's test: do two networks err on different images of the same set, or on different numbers of them?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest


@dataclass(frozen=True)
class McNemar:
    """How many images only the first, only the second got right; two-sided exact p-value of "both are as good"."""

    only_first: int
    only_second: int
    p_value: float


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """Test paired hits `[N]` by the exact binomial form of McNemar's test (McNemar 1947; Agresti 2013, section 11.1).

    It takes images for independent; where several show one patient, the p-value is too small.
    """
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    discordant = only_first + only_second
    p_value = float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0
    return McNemar(only_first, only_second, p_value)
