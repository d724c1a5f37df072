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


def in_full_batches(rows: NDArray[np.int64], batch_size: int) -> NDArray[np.int64]:
    """Return `rows` with the last batch filled up by the first ones again; fewer than one batch stay as they are.

    A last batch of a few images is a poor estimate of the gradient and of batch statistics, and one of another size is
    compiled anew.
    """
    return rows if len(rows) < batch_size else np.resize(rows, -(-len(rows) // batch_size) * batch_size)
