"""Folds for scores on images that a classifier was not fitted on."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

FOLDS = 5
Folds = list[tuple[list[int], list[int]]]


def grouped_folds(labels: Sequence[str], groups: NDArray[np.intp]) -> Folds:
    """Return (train, test) rows of up to five folds, with whole groups and about the same share of each class.

    Returns no folds for a single class, and where the groups are too few for every class to be in every training part.
    """
    pairs = set(zip(labels, groups.tolist(), strict=True))
    count = min(FOLDS, *(sum(other == label for other, _ in pairs) for label in set(labels)))
    if count < 2 or len(set(labels)) < 2:
        return []
    splitter = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        folds = [(train.tolist(), test.tolist()) for train, test in splitter.split(groups, labels, groups)]
    complete = all(len({labels[row] for row in train}) == len(set(labels)) for train, _ in folds)
    return [(train, test) for train, test in folds if test] if complete else []
