"""Whole groups to splits at random, stratified by source and label."""

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from trainer.data.sample import SPLITS, Sample
from trainer.errors import DataError


def assign(samples: list[Sample], rows: Sequence[int], split: str, fraction: float, seed: int) -> None:
    """Give `split` to whole groups in place, about `fraction` of `rows`; too few rows stay as they are."""
    strata = Counter(_stratum(samples[row]) for row in rows)
    groups = {samples[row].group for row in rows}
    if len(groups) < 3 or max(strata.values()) < 2:
        return
    count = min(max(2, round(1 / fraction)), len(groups), max(strata.values()))
    for row in stratified_folds(samples, rows, count, seed)[0]:
        samples[row] = replace(samples[row], split=split)


def stratified_folds(samples: Sequence[Sample], rows: Sequence[int], count: int, seed: int) -> list[list[int]]:
    """Divide `rows` into `count` parts of about the same mixture of sources and labels; groups stay whole.

    Raises ValueError where there are fewer groups, or images of the most frequent stratum, than parts.
    """
    strata = [_stratum(samples[row]) for row in rows]
    groups = [samples[row].group for row in rows]
    folds = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        parts = [part for _, part in folds.split(np.zeros(len(rows)), strata, groups)]
    return [[rows[index] for index in part] for part in parts]


def missing_split(samples: Iterable[Sample]) -> tuple[str, str] | None:
    """Return the first (label, split) of which there is no sample, None if every class is in all three splits."""
    present = {(sample.label, sample.split) for sample in samples}
    pairs = ((label, split) for label in sorted({label for label, _ in present}) for split in SPLITS)
    return next((pair for pair in pairs if pair not in present), None)


def check_splits(samples: Iterable[Sample]) -> None:
    """Raise DataError when a class is not in all three splits."""
    missing = missing_split(samples)
    if missing:
        raise DataError(
            f"class '{missing[0]}' has no group left for {missing[1]}: its images are too few, or too many of them "
            "show the same picture. Add images, or give groups and splits in a manifest."
        )


def _stratum(sample: Sample) -> str:
    return f"{sample.source}/{sample.label}"
