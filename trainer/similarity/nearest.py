"""The label of the nearest image, a block of distances at a time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1024


def nearest_rows(images: NDArray[np.uint8], train: Sequence[int], test: Sequence[int]) -> NDArray[np.intp]:
    """Return for each of the rows `test` the one of `train` at the least Euclidean distance, the first of equal ones.

    `images` is uint8 `[N, D]`; beside it only two blocks of 1024 rows are held as floats.
    """
    train_rows, test_rows = np.asarray(train, np.intp), np.asarray(test, np.intp)
    return np.concatenate([_nearest(images, train_rows, block) for block in _blocks(test_rows)])


def _nearest(images: NDArray[np.uint8], train: NDArray[np.intp], test: NDArray[np.intp]) -> NDArray[np.intp]:
    ours = _centred(images[test])
    least = np.full(len(test), np.inf, np.float32)
    nearest = np.full(len(test), train[0])
    for block in _blocks(train):
        theirs = _centred(images[block])
        distances = (theirs**2).sum(axis=1) - 2 * ours @ theirs.T
        best = distances.argmin(axis=1)
        value = distances[np.arange(len(test)), best]
        nearest = np.where(value < least, block[best], nearest)
        least = np.minimum(value, least)
    return nearest


def _blocks(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]


def _centred(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return values of -1..1: the smaller they are, the less of a distance is lost to rounding."""
    return images.astype(np.float32) / 127.5 - 1.0
