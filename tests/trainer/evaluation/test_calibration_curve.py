"""Calibration before and after the temperature."""

import numpy as np
import pytest
from scipy.special import softmax

from trainer.evaluation.calibration_curve import BINS, calibration, expected_calibration_error, reliability, untempered


def test_bins_counted_by_hand() -> None:
    confidence = np.repeat(np.arange(1, BINS + 1) / BINS, 2)
    hits = np.tile([True, False], BINS)

    bins = reliability(confidence, hits)

    assert [b["images"] for b in bins] == [2] * BINS
    assert [b["confidence"] for b in bins] == pytest.approx(np.arange(1, BINS + 1) / BINS)
    assert {b["accuracy"] for b in bins} == {0.5}
    assert expected_calibration_error(confidence, hits) == pytest.approx(
        np.abs(np.arange(1, BINS + 1) / BINS - 0.5).mean()
    )


def test_answers_that_are_right_as_often_as_they_say_have_no_error() -> None:
    confidence = np.full(BINS * 4, 0.75)
    hits = np.tile([True, True, True, False], BINS)

    assert expected_calibration_error(confidence, hits) == pytest.approx(0)


def test_fewer_images_than_bins_are_a_bin_each() -> None:
    assert [b["images"] for b in reliability(np.array([0.6, 0.9]), np.array([True, True]))] == [1, 1]


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_is_undone_exactly(temperature: float) -> None:
    logits = np.random.default_rng(0).normal(0, 4, (50, 4))

    before = untempered(softmax(logits / temperature, axis=1), temperature)

    assert before == pytest.approx(softmax(logits, axis=1), abs=1e-9)


def test_a_probability_of_zero_is_no_trouble() -> None:
    assert untempered(np.array([[1.0, 0.0]]), 2.0) == pytest.approx(np.array([[1.0, 0.0]]))


def test_brier_and_log_loss_by_hand() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])

    scores = calibration(probabilities, np.array([0, 1]), temperature=None)

    squares = (0.3**2 + 0.2**2 + 0.1**2) + (0.3**2 + 0.7**2 + 0.4**2)
    assert scores["after"]["brier"] == pytest.approx(squares / 2)
    assert scores["after"]["log_loss"] == pytest.approx(-(np.log(0.7) + np.log(0.3)) / 2)
    assert scores["brier_of_class_frequencies"] == pytest.approx(1 - 0.5**2 - 0.5**2)
    assert scores["before"] is None


def test_overconfident_logits_look_worse_before_the_temperature_than_after() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (3000, 3))
    truth = np.array([generator.choice(3, p=row) for row in softmax(logits, axis=1)])

    scores = calibration(softmax(logits, axis=1), truth, temperature=3.0)

    assert scores["after"]["ece"] < 0.03 < 0.1 < scores["before"]["ece"]
    assert scores["after"]["ece_if_perfect"] == pytest.approx(scores["after"]["ece"], rel=0.6)
    assert scores["after"]["log_loss"] < scores["before"]["log_loss"]


def test_two_classes_have_the_same_brier_score_as_three_with_an_empty_one() -> None:
    probabilities, truth = np.array([[0.8, 0.2], [0.6, 0.4]]), np.array([0, 1])
    padded = np.hstack([probabilities, np.zeros((2, 1))])

    two, three = (calibration(p, truth, None)["after"]["brier"] for p in (probabilities, padded))

    assert two == pytest.approx(three)
