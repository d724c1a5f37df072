"""Hold-out: every image in one of train, validation and test, by group."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trainer.config import TrainConfig
from trainer.data.image_cache import Images
from trainer.data.sample import Sample
from trainer.splitting.assignment import assign, check_splits
from trainer.splitting.groups import settle_conflicts, with_groups
from trainer.splitting.ordered_series import hold_out, series_blocks


def split_images(images: Images, config: TrainConfig) -> list[Sample]:
    """Give every sample its final group and split; `excluded` marks those that no split may use.

    Splits that samples already have are kept. Raises DataError when a class has too few groups to be in all three.
    """
    samples = _cut_series(images.samples, config)
    samples = settle_conflicts(with_groups(samples, images, config.near_duplicates))
    assign(samples, _free_rows(samples, "test"), "test", config.test_fraction, config.seed)
    share = config.validation_fraction / (1 - config.test_fraction)
    assign(samples, _free_rows(samples, "validation"), "validation", share, config.seed)
    samples = [replace(sample, split=sample.split or "train") for sample in samples]
    check_splits(samples)
    return samples


def _cut_series(samples: Sequence[Sample], config: TrainConfig) -> list[Sample]:
    """Give each block of an ordered series a group and a split."""
    result = list(samples)
    generator = np.random.default_rng(config.seed)
    for series, blocks in series_blocks(samples).items():
        splits = hold_out(len(blocks), config.test_fraction, config.validation_fraction, generator)
        for number, (block, split) in enumerate(zip(blocks, splits, strict=True)):
            for row in block:
                result[row] = replace(samples[row], group=f"{series}:{number}", split=samples[row].split or split)
    return result


def _free_rows(samples: Sequence[Sample], split: str) -> list[int]:
    """Return the rows from which `split` may be drawn: those without a split, or of `train` if each has one."""
    splits = {sample.split for sample in samples}
    free = "train" if not splits & {None, split} else None
    return [row for row, sample in enumerate(samples) if sample.split == free]
