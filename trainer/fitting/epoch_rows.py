"""Which training images one epoch shows, and in which order."""

import numpy as np
from numpy.typing import NDArray


def epoch_rows(
    rows: NDArray[np.int64], groups: NDArray[np.int64], most: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Return `rows` in a random order, at most `most` random ones of each group.

    Neighbouring slices of a patient show nearly the same, so a patient with many of them would outweigh the others.
    `groups` has the number of the group of every image of the data, not of `rows` only.
    """
    order = random.permutation(rows)
    by_group = np.argsort(groups[order], kind="stable")
    _, starts, counts = np.unique(groups[order][by_group], return_index=True, return_counts=True)
    rank = np.empty(len(order), np.int64)
    rank[by_group] = np.arange(len(order)) - np.repeat(starts, counts)
    return order[rank < most]
