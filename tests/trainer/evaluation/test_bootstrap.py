"""Intervals over groups."""

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.evaluation.bootstrap import bootstrap_interval, quotient, share_interval


def test_errors_that_come_in_clusters_widen_the_interval() -> None:
    hits = np.repeat(np.random.default_rng(0).random(40) < 0.8, 25)

    by_image = share_interval(hits, None, [str(n) for n in range(1000)])
    by_group = share_interval(hits, None, [str(n // 25) for n in range(1000)])

    assert by_image is not None and by_group is not None
    assert by_image[1] - by_image[0] == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 1000), rel=0.3)
    assert by_group[1] - by_group[0] == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 40), rel=0.3)


def test_a_share_among_some_images_ignores_the_others() -> None:
    generator = np.random.default_rng(0)
    hits, among = generator.random(400) < 0.7, generator.random(400) < 0.5
    groups = [str(n) for n in range(400)]

    interval = share_interval(hits, among, groups)
    with_other_hits_elsewhere = share_interval(hits | ~among, among, groups)

    assert interval == with_other_hits_elsewhere
    assert interval is not None
    assert interval[0] < hits[among].mean() < interval[1]
    assert interval[1] - interval[0] == pytest.approx(2 * 1.96 * np.sqrt(0.21 / among.sum()), rel=0.3)


def test_the_interval_is_the_same_each_time_whatever_the_order_of_the_images() -> None:
    values = np.random.default_rng(0).random(50)
    groups = [f"g{n % 7}" for n in range(50)]

    def mean_of(column: NDArray[np.float64]) -> list[float] | None:
        order = groups if column is values else groups[::-1]
        return bootstrap_interval(lambda weights: (weights @ column) / weights.sum(axis=1), order)

    assert mean_of(values) == pytest.approx(mean_of(values[::-1]))


def test_every_resample_holds_as_many_groups_as_there_are() -> None:
    groups = list("aabbbc")
    seen: list[float] = []

    def count(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        assert (weights[:, 0] == weights[:, 1]).all()
        seen.extend(weights[:, [0, 2, 5]].sum(axis=1))
        return np.asarray(weights.sum(axis=1))

    bootstrap_interval(count, groups)

    assert set(seen) == {3.0}


def test_a_single_group_has_no_interval() -> None:
    assert share_interval(np.array([True, False]), None, ["one"] * 2) is None


def test_a_share_of_nothing_has_no_interval() -> None:
    assert share_interval(np.array([True, False]), np.array([False, False]), ["a", "b"]) is None


def test_nothing_over_nothing_is_not_a_number() -> None:
    assert np.isnan(quotient(np.array([0.0]), np.array([0.0]))).all()
