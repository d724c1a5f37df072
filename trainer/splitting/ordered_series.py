"""Ordered series without patient ids, cut into blocks of as many slices as the largest patient has.

Between two splits a whole block is left out, so that slices of different splits are further apart than any patient is
long. A series is often sorted (by plane, by scanner), so what is held out is spread over several places: a stretch from
one place alone would show what training never does.
"""

from collections.abc import Sequence

import numpy as np

from trainer.data.sample import EXCLUDED, Sample
from trainer.errors import DataError

DEFAULT_BLOCK = 38
PLACES = 3
_LEAST_TRAIN = 1 / 3
"""Least share of the blocks that training keeps where the stretches of a fold are spread over several places."""


def series_blocks(samples: Sequence[Sample]) -> dict[str, list[list[int]]]:
    """Return the rows of each block of each series.

    A series whose samples all have a split, such as one of an earlier run, is left out.
    """
    names = sorted({sample.series for sample in samples if sample.series and not sample.split})
    blocks = {}
    for name in names:
        rows = [row for row, sample in enumerate(samples) if sample.series == name]
        size = samples[rows[0]].block or DEFAULT_BLOCK
        blocks[name] = [rows[start : start + size] for start in range(0, len(rows), size)]
    return blocks


def hold_out(count: int, test: float, validation: float, generator: np.random.Generator) -> list[str]:
    """Name the split of each of `count` blocks; `test` and `validation` are fractions of the blocks that are used.

    At `PLACES` places, or one of a short series, a stretch of test and one of validation are held out. Raises DataError
    for fewer than 7 blocks.
    """
    places = PLACES if count >= 10 * PLACES else 1
    usable = count - 3 * places
    tested = max(1, round(usable * test / places))
    validated = max(1, round(usable * validation / places))
    train = usable - places * (tested + validated)
    if train < places + 1:
        raise DataError(f"an ordered series has {count} blocks of its largest patient; at least 7 are needed")
    runs = [len(run) for run in np.array_split(np.arange(train), places + 1)]
    splits = ["train"] * runs[0]
    for run in runs[1:]:
        stretches = [["test"] * tested, ["validation"] * validated]
        first, second = stretches if generator.random() < 0.5 else reversed(stretches)
        splits += [EXCLUDED, *first, EXCLUDED, *second, EXCLUDED, *["train"] * run]
    return splits


def folds_of_blocks(count: int, folds: int, validation: float, generator: np.random.Generator) -> list[list[str]]:
    """Name the split of each of `count` blocks in each fold, `[folds][count]`; every block is tested exactly once.

    The stretches that a fold tests lie at `PLACES` places, as far as at least a third of the blocks is then left for
    training, else at fewer; `validation` is the fraction of the blocks for validation. Raises DataError when there are
    too few blocks.
    """
    for places in range(PLACES, 0, -1):
        layouts = _layouts(count, folds, places, validation, generator)
        least = 1 if places == 1 else _LEAST_TRAIN * count
        if all({"test", "validation"} <= set(one) and one.count("train") >= least for one in layouts):
            return layouts
    raise DataError(
        f"an ordered series has {count} blocks of its largest patient, too few for {folds} folds; take fewer --folds"
    )


def _layouts(count: int, folds: int, places: int, validation: float, generator: np.random.Generator) -> list[list[str]]:
    """Cut each place into one stretch a fold, in a random order, and lay the rest of each fold around its stretches."""
    layouts = [["train"] * count for _ in range(folds)]
    spans = np.array_split(np.arange(count), places)
    for span in spans:
        for fold, stretch in zip(generator.permutation(folds), np.array_split(span, folds), strict=True):
            for block in stretch:
                layouts[fold][block] = "test"
    length = max(1, round(count * validation / places))
    for layout in layouts:
        for span in spans:
            _hold_out_validation(layout, span.tolist(), length, generator)
        _exclude_neighbours(layout)
    return layouts


def _hold_out_validation(layout: list[str], span: list[int], length: int, generator: np.random.Generator) -> None:
    """Put a stretch of validation into `span`, where it costs the fewest blocks in between; none where none fits."""
    starts = [
        start
        for start in span[: len(span) - length + 1]
        if set(layout[max(start - 1, 0) : start + length + 1]) == {"train"}
    ]
    if not starts:
        return
    costs = []
    for start in starts:
        tried = _with_validation(layout, start, length)
        _exclude_neighbours(tried)
        costs.append(tried.count(EXCLUDED))
    cheapest = [start for start, cost in zip(starts, costs, strict=True) if cost == min(costs)]
    layout[:] = _with_validation(layout, int(generator.choice(cheapest)), length)


def _with_validation(layout: Sequence[str], start: int, length: int) -> list[str]:
    return [*layout[:start], *["validation"] * length, *layout[start + length :]]


def _exclude_neighbours(layout: list[str]) -> None:
    """Leave out every block of training beside one that is held out."""
    held_out = {number for number, split in enumerate(layout) if split in ("test", "validation")}
    for number, split in enumerate(layout):
        if split == "train" and held_out & {number - 1, number + 1}:
            layout[number] = EXCLUDED
