"""Group k-fold: every image is tested in exactly one fold, and no group straddles the splits of a fold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from trainer.config import TrainConfig
from trainer.data.image_cache import Images
from trainer.data.sample import EXCLUDED, Sample
from trainer.errors import DataError
from trainer.splitting.assignment import assign, missing_split, stratified_folds
from trainer.splitting.groups import settle_conflicts, with_groups
from trainer.splitting.ordered_series import folds_of_blocks, series_blocks

_Layouts = Mapping[int, Sequence[str]]
"""For each row of an ordered series its split in each fold."""


def fold_images(images: Images, folds: int, config: TrainConfig) -> list[list[Sample]]:
    """Return the samples with their group and split in each fold; splits that they had are dropped.

    A picture that is joined with slices of an ordered series is tested with them, and excluded in a fold where they are
    excluded or lie in several splits. Raises DataError when a class cannot be in all splits of every fold.
    """
    samples = [replace(sample, split=None) for sample in images.samples]
    samples, layouts = _cut_series(samples, folds, config)
    samples = with_groups(samples, images, config.near_duplicates)
    tested = _tested_in(samples, layouts, folds, config.seed)
    return [_fold(samples, layouts, tested, fold, folds, config) for fold in range(folds)]


def _cut_series(samples: Sequence[Sample], folds: int, config: TrainConfig) -> tuple[list[Sample], _Layouts]:
    result = list(samples)
    layouts: dict[int, list[str]] = {}
    generator = np.random.default_rng(config.seed)
    for series, blocks in series_blocks(samples).items():
        by_fold = folds_of_blocks(len(blocks), folds, config.validation_fraction, generator)
        for number, block in enumerate(blocks):
            for row in block:
                result[row] = replace(samples[row], group=f"{series}:{number}")
                layouts[row] = [layout[number] for layout in by_fold]
    return result, layouts


def _tested_in(samples: Sequence[Sample], layouts: _Layouts, folds: int, seed: int) -> list[int]:
    """Return the fold in which each row is tested.

    For a slice of a series it is that of its block, for a picture joined with slices that of most of them.
    """
    blocks = {row: splits.index("test") for row, splits in layouts.items()}
    votes: dict[str | None, Counter[int]] = {}
    for row, fold in blocks.items():
        votes.setdefault(samples[row].group, Counter())[fold] += 1
    joined = {row: votes[one.group].most_common(1)[0][0] for row, one in enumerate(samples) if one.group in votes}
    tested = joined | blocks
    tested |= _drawn(samples, [row for row in range(len(samples)) if row not in tested], folds, seed)
    return [tested[row] for row in range(len(samples))]


def _drawn(samples: Sequence[Sample], rows: Sequence[int], folds: int, seed: int) -> dict[int, int]:
    groups = {samples[row].group for row in rows}
    if not rows:
        return {}
    try:
        parts = stratified_folds(samples, rows, folds, seed)
    except ValueError as error:
        raise DataError(
            f"{len(rows)} images in {len(groups)} groups are too few for {folds} folds; take fewer --folds"
        ) from error
    return {row: fold for fold, part in enumerate(parts) for row in part}


def _fold(
    samples: Sequence[Sample], layouts: _Layouts, tested: Sequence[int], fold: int, folds: int, config: TrainConfig
) -> list[Sample]:
    wished = [
        replace(sample, split="test" if tested[row] == fold else layouts[row][fold] if row in layouts else None)
        for row, sample in enumerate(samples)
    ]
    settled = [
        replace(sample, split=EXCLUDED) if sample.split == "test" and tested[row] != fold else sample
        for row, sample in enumerate(settle_conflicts(wished))
    ]
    free = [row for row, sample in enumerate(settled) if sample.split is None]
    assign(settled, free, "validation", config.validation_fraction / (1 - 1 / folds), config.seed)
    result = [replace(sample, split=sample.split or "train") for sample in settled]
    missing = missing_split(result)
    if missing:
        raise DataError(
            f"class '{missing[0]}' has no group left for {missing[1]} in fold {fold + 1}: its groups are too few for "
            f"{folds} folds. Take fewer --folds, or add images."
        )
    return result
