"""Blocks of an ordered series: what is held out is spread, and a whole block lies between two splits."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.pictures import sample
from trainer.data.sample import EXCLUDED, SPLITS
from trainer.errors import DataError
from trainer.splitting.ordered_series import folds_of_blocks, series_blocks


def layouts(count: int, folds: int = 5, validation: float = 0.15, seed: int = 0) -> list[list[str]]:
    return folds_of_blocks(count, folds, validation, np.random.default_rng(seed))


@given(
    count=st.integers(1, 60), folds=st.integers(2, 12), validation=st.floats(0.05, 0.5), seed=st.integers(0, 2**31 - 1)
)
def test_every_block_is_tested_once_and_no_two_splits_touch(
    count: int, folds: int, validation: float, seed: int
) -> None:
    try:
        found = layouts(count, folds, validation, seed)
    except DataError as error:
        assert f"{count} blocks of its largest patient, too few for {folds} folds" in str(error)
        return

    assert [[layout[block] for layout in found].count("test") for block in range(count)] == [1] * count
    for layout in found:
        assert len(layout) == count and set(layout) >= set(SPLITS)
        assert all(one == other or EXCLUDED in (one, other) for one, other in pairwise(layout))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_each_split_of_each_fold_reaches_into_every_third_of_a_long_series(split: str, seed: int) -> None:
    for layout in layouts(38, seed=seed):
        assert all(split in layout[start : start + 13] for start in (0, 12, 25))


def test_only_what_lies_beside_a_held_out_stretch_is_left_out() -> None:
    for layout in layouts(38):
        for number, split in enumerate(layout):
            beside = {layout[other] for other in (number - 1, number + 1) if 0 <= other < 38}
            assert (split == EXCLUDED) <= bool(beside & {"test", "validation"})


@pytest.mark.parametrize(("count", "places"), [(38, 3), (14, 1)])
def test_a_short_series_is_held_out_at_fewer_places(count: int, places: int) -> None:
    for layout in layouts(count, folds=4, validation=0.1):
        starts = sum(one != "test" and other == "test" for one, other in pairwise(["train", *layout]))
        assert 1 <= starts <= places

    assert (
        max(
            sum(one != "test" and other == "test" for one, other in pairwise(["train", *layout]))
            for layout in layouts(count, folds=4, validation=0.1)
        )
        == places
    )


def test_the_seed_decides() -> None:
    assert layouts(38, seed=1) == layouts(38, seed=1) != layouts(38, seed=2)


def test_blocks_are_cut_in_the_order_of_the_samples() -> None:
    samples = [sample(n, series="ab"[n % 2], block=2) for n in range(10)]  # type: ignore[arg-type]

    assert series_blocks(samples) == {"a": [[0, 2], [4, 6], [8]], "b": [[1, 3], [5, 7], [9]]}


def test_a_series_whose_samples_all_have_a_split_is_not_cut_again() -> None:
    samples = [sample(n, series="a", split="train") for n in range(4)]

    assert series_blocks(samples) == {}
    assert series_blocks([*samples, sample(4, series="a")])["a"] == [[0, 1, 2, 3, 4]]
