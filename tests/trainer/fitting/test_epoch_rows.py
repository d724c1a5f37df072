"""What one epoch shows."""

import numpy as np

from trainer.fitting.epoch_rows import epoch_rows, in_full_batches

GROUPS = np.array([0] * 30 + [1] * 5 + list(range(2, 12)))
ROWS = np.arange(40)


def shown(most: int, seed: int = 0) -> np.ndarray:
    return epoch_rows(ROWS, GROUPS, most, np.random.default_rng(seed))


def test_a_large_group_shows_no_more_than_its_share() -> None:
    rows = shown(8)

    assert np.bincount(GROUPS[rows]).tolist() == [8, 5, 1, 1, 1, 1, 1]
    assert len(set(rows)) == len(rows)


def test_a_limit_above_every_group_shows_each_row_once() -> None:
    assert sorted(shown(30)) == ROWS.tolist()


def test_over_the_epochs_every_image_of_a_large_group_has_its_turn() -> None:
    assert {row for seed in range(40) for row in shown(8, seed)} == set(ROWS)


def test_groups_are_mixed_and_the_order_is_that_of_the_seed() -> None:
    assert shown(8).tolist() == shown(8).tolist() != sorted(shown(8))
    assert shown(8).tolist() != shown(8, seed=1).tolist()


def test_rows_of_other_splits_are_never_shown() -> None:
    assert shown(8).max() < 40


def test_the_last_batch_is_filled_up_from_the_beginning() -> None:
    assert in_full_batches(ROWS[:10], 4).tolist() == [*range(10), 0, 1]


def test_what_fills_its_batches_stays_as_it_is_and_so_does_less_than_one() -> None:
    assert in_full_batches(ROWS[:8], 4).tolist() == list(range(8))
    assert in_full_batches(ROWS[:3], 4).tolist() == [0, 1, 2]
