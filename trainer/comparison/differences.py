"""By how much one set of answers is more accurate than another, on the same images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.bootstrap import bootstrap_interval


@dataclass(frozen=True)
class Difference:
    """Accuracy of the first less that of the second, in -1..1, and its 95 % interval (None for a single group)."""

    value: float
    interval: list[float] | None

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above 0: the first is more accurate, by more than can be chance."""
        return self.interval is not None and self.interval[0] > 0


def accuracy_difference(first: NDArray[np.bool_], second: NDArray[np.bool_], groups: Sequence[str]) -> Difference:
    """Compare paired hits `[N]`; whole groups are resampled, since images of one patient stand or fall together."""
    gains = first.astype(np.float64) - second
    interval = bootstrap_interval(lambda weights: weights @ gains / weights.sum(axis=1), groups)
    return Difference(float(gains.mean()), interval)
