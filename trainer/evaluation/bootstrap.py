"""Confidence intervals by resampling whole groups: images of one patient are no independent evidence."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RESAMPLES = 2000
FEW_GROUPS = 20
"""A percentile bootstrap over fewer clusters covers less than it says."""
_BLOCK = 100


def bootstrap_interval(statistic: Callable[[Floats], Floats], groups: Sequence[str]) -> list[float] | None:
    """Return the 2.5 and 97.5 percentile of `statistic` over resamples of whole groups (seeded).

    `statistic` maps weights `[B, N]`, how often each of B resamples holds each of N images, to `[B]` values; NaN
    is left out. None for a single group, which cannot be resampled; over fewer than about 20 groups it is too narrow.
    """
    codes = np.unique(np.array(groups), return_inverse=True)[1]
    count = int(codes.max()) + 1
    if count < 2:
        return None
    generator = np.random.default_rng(0)
    values: list[float] = []
    while len(values) < RESAMPLES:
        size = min(_BLOCK, RESAMPLES - len(values))
        drawn = [np.bincount(generator.integers(0, count, count), minlength=count) for _ in range(size)]
        values += statistic(np.stack(drawn)[:, codes].astype(np.float64)).tolist()
    if np.isnan(values).all():
        return None
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return [float(low), float(high)]


def share_interval(
    hits: NDArray[np.bool_], among: NDArray[np.bool_] | None, groups: Sequence[str]
) -> list[float] | None:
    """Return the interval of the share of `hits` `[N]` among the images for which `among` `[N]` holds (None: all)."""
    relevant = np.ones(len(hits)) if among is None else among.astype(np.float64)
    both = relevant * hits
    return bootstrap_interval(lambda weights: quotient(weights @ both, weights @ relevant), groups)


def quotient(part: Floats, whole: Floats) -> Floats:
    """Return `part / whole`, NaN where `whole` is 0."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0))
