"""Split by group: what shows the same picture or the same patient never straddles train, validation and test.

An ordered series without patient ids is cut into blocks of as many slices as its largest patient has. Between two
splits a whole block is left out, so that slices of different splits are further apart than any patient is long.
"""

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from trainer.config import TrainConfig
from trainer.duplicates import identical_pairs, near_pairs, thumbnails
from trainer.errors import DataError
from trainer.image_cache import Images
from trainer.sample import EXCLUDED, SPLITS, Sample

DEFAULT_BLOCK = 38
PLACES = 3
_PRECEDENCE = ("test", "validation", "train", EXCLUDED)


def split_images(images: Images, config: TrainConfig) -> list[Sample]:
    """Give every sample its final group and split; `excluded` marks those that no split may use.

    Raises DataError when a class has too few groups to be in all three splits.
    """
    samples = _cut_series(images.samples, config)
    groups = _groups(samples, images, config.near_duplicates)
    samples = [replace(sample, group=f"g{group:05d}") for sample, group in zip(samples, groups, strict=True)]
    samples = _settle_conflicts(samples)
    _assign(samples, _free_rows(samples, "test"), "test", config.test_fraction, config.seed)
    share = config.validation_fraction / (1 - config.test_fraction)
    _assign(samples, _free_rows(samples, "validation"), "validation", share, config.seed)
    samples = [replace(sample, split=sample.split or "train") for sample in samples]
    _check(samples)
    return samples


def _cut_series(samples: Sequence[Sample], config: TrainConfig) -> list[Sample]:
    """Cut each series into blocks and give each block a split.

    A series whose samples all have a split, such as one of an earlier run, stays as it is.
    """
    result = list(samples)
    generator = np.random.default_rng(config.seed)
    for series in sorted({sample.series for sample in samples if sample.series and not sample.split}):
        rows = [row for row, sample in enumerate(samples) if sample.series == series]
        size = samples[rows[0]].block or DEFAULT_BLOCK
        blocks = [rows[start : start + size] for start in range(0, len(rows), size)]
        for number, (block, split) in enumerate(
            zip(blocks, _block_splits(len(blocks), config, generator), strict=True)
        ):
            for row in block:
                result[row] = replace(samples[row], group=f"{series}:{number}", split=samples[row].split or split)
    return result


def _block_splits(count: int, config: TrainConfig, generator: np.random.Generator) -> list[str]:
    """Name the split of each block: train, and at `PLACES` places a stretch of test and one of validation.

    A series is often sorted (by plane, by scanner), so held-out stretches from one place alone would show what training
    never does. A block between two splits is excluded.
    """
    places = PLACES if count >= 10 * PLACES else 1
    usable = count - 3 * places
    test = max(1, round(usable * config.test_fraction / places))
    validation = max(1, round(usable * config.validation_fraction / places))
    train = usable - places * (test + validation)
    if train < places + 1:
        raise DataError(f"an ordered series has {count} blocks of its largest patient; at least 7 are needed")
    runs = [len(run) for run in np.array_split(np.arange(train), places + 1)]
    splits = ["train"] * runs[0]
    for run in runs[1:]:
        stretches = [["test"] * test, ["validation"] * validation]
        first, second = stretches if generator.random() < 0.5 else reversed(stretches)
        held_out = [*first, EXCLUDED, *second]
        splits += [EXCLUDED, *held_out, EXCLUDED, *["train"] * run]
    return splits


def _groups(samples: Sequence[Sample], images: Images, near: float) -> list[int]:
    """Number the connected components of equal given groups, identical pixels and near duplicates.

    Two images that both have a given group are not joined for being near: the first and last slices of two patients
    can look alike, and would chain all patients into one group.
    """
    pairs = list(identical_pairs([sample.group or f"row {row}" for row, sample in enumerate(samples)]))
    pairs += identical_pairs(images.pixel_sha256)
    if near <= 1:
        near_ones = near_pairs(thumbnails(images.pixels), near)
        pairs += [(a, b) for a, b in near_ones if samples[a].group is None or samples[b].group is None]
    edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(samples),) * 2)
    return [int(label) for label in connected_components(graph, directed=False)[1]]


def _settle_conflicts(samples: Sequence[Sample]) -> list[Sample]:
    """Where a group has members of several given splits, keep the one held out most strictly and exclude the rest.

    A member without a split goes with it, or is excluded where another member is.
    """
    given: dict[str | None, set[str]] = {}
    for sample in samples:
        if sample.split:
            given.setdefault(sample.group, set()).add(sample.split)
    return [_settled(sample, given.get(sample.group, set())) for sample in samples]


def _settled(sample: Sample, given: set[str]) -> Sample:
    if not given:
        return sample
    winner = min(given, key=_PRECEDENCE.index)
    if sample.split is None:
        return replace(sample, split=EXCLUDED if EXCLUDED in given else winner)
    return sample if sample.split == winner else replace(sample, split=EXCLUDED)


def _free_rows(samples: Sequence[Sample], split: str) -> list[int]:
    """Return the rows from which `split` may be drawn: those without a split, or of `train` if each has one."""
    splits = {sample.split for sample in samples}
    free = "train" if not splits & {None, split} else None
    return [row for row, sample in enumerate(samples) if sample.split == free]


def _assign(samples: list[Sample], rows: list[int], split: str, fraction: float, seed: int) -> None:
    """Give `split` to whole groups, about `fraction` of `rows`, stratified by source and label."""
    strata = [f"{samples[row].source}/{samples[row].label}" for row in rows]
    groups = [samples[row].group for row in rows]
    if len(set(groups)) < 3 or max(Counter(strata).values()) < 2:
        return
    count = min(max(2, round(1 / fraction)), len(set(groups)), max(Counter(strata).values()))
    folds = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        held_out = next(iter(folds.split(np.zeros(len(rows)), strata, groups)))[1]
    for index in held_out:
        samples[rows[index]] = replace(samples[rows[index]], split=split)


def _check(samples: Iterable[Sample]) -> None:
    present = {(sample.label, sample.split) for sample in samples}
    for label in sorted({label for label, _ in present}):
        for split in SPLITS:
            if (label, split) not in present:
                raise DataError(
                    f"class '{label}' has no group left for {split}: its images are too few, or too many of them "
                    "show the same picture. Add images, or give groups and splits in a manifest."
                )
