"""The difference of two accuracies on the same images, with its interval over groups."""

import numpy as np
import pytest

from trainer.comparison.differences import accuracy_difference

IMAGES = 400


def hits(share: float) -> np.ndarray:
    return np.arange(IMAGES) < share * IMAGES


def alone() -> list[str]:
    return [str(number) for number in range(IMAGES)]


def test_the_value_is_that_of_the_accuracies() -> None:
    assert accuracy_difference(hits(0.9), hits(0.7), alone()).value == pytest.approx(0.2)


def test_over_single_images_the_interval_is_that_of_the_normal_approximation() -> None:
    difference = accuracy_difference(hits(0.9), hits(0.8), alone())

    half = 1.96 * np.sqrt(0.1 * 0.9 / IMAGES)
    assert difference.interval == pytest.approx([0.1 - half, 0.1 + half], abs=0.006)
    assert difference.above_zero


def test_images_that_stand_or_fall_together_are_little_evidence() -> None:
    groups = [str(number // 40) for number in range(IMAGES)]

    difference = accuracy_difference(hits(0.9), hits(0.8), groups)

    assert difference.value == pytest.approx(0.1) and not difference.above_zero


def test_a_network_cannot_be_told_from_itself() -> None:
    assert accuracy_difference(hits(0.9), hits(0.9), alone()).interval == [0.0, 0.0]
    assert not accuracy_difference(hits(0.9), hits(0.9), alone()).above_zero


def test_a_single_group_tells_nothing() -> None:
    difference = accuracy_difference(hits(0.9), hits(0.1), ["one"] * IMAGES)

    assert difference.interval is None and not difference.above_zero
