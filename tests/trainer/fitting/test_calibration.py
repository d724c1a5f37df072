"""Temperature, prediction sets and abstention."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.fitting.calibration import abstention_threshold, conformal_threshold, fit_temperature, probabilities_of

RISK = 0.02


def simulated(count: int, classes: int, temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return logits that are `temperature` times too large and labels drawn from the honest probabilities."""
    generator = np.random.default_rng(seed)
    honest = generator.normal(0, 2, (count, 1 if classes == 2 else classes))
    probabilities = probabilities_of(honest, 1.0)
    labels = (probabilities.cumsum(axis=1) < generator.random((count, 1))).sum(axis=1)
    return honest * temperature, np.minimum(labels, classes - 1)


@pytest.mark.parametrize("classes", [2, 3, 4, 10])
@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_is_recovered(classes: int, temperature: float) -> None:
    logits, labels = simulated(8000, classes, temperature)

    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.08)


@pytest.mark.parametrize("logits", [[[50.0], [-50.0]], [[5.0], [5.0]], [[0.0], [0.0]], [[-9.0], [9.0]]])
def test_the_temperature_is_finite_however_few_and_odd_the_images(logits: list[list[float]]) -> None:
    temperature = fit_temperature(np.array(logits), np.array([1, 0]))

    assert 0.05 <= temperature <= 20


@given(arrays(np.float64, (5, 3), elements=st.floats(-60, 60)), st.floats(0.05, 20))
def test_probabilities_sum_to_one_and_keep_the_order_of_the_logits(logits: np.ndarray, temperature: float) -> None:
    probabilities = probabilities_of(logits, temperature)

    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert (
        np.take_along_axis(probabilities, logits.argmax(axis=1)[:, None], 1)[:, 0] == probabilities.max(axis=1)
    ).all()


@given(st.floats(-800, 800), st.floats(0.05, 20))
def test_one_logit_is_a_softmax_over_zero_and_itself(logit: float, temperature: float) -> None:
    single = probabilities_of(np.array([[logit]]), temperature)
    double = probabilities_of(np.array([[0.0, logit]]), temperature)

    assert single == pytest.approx(double, abs=1e-12)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_prediction_sets_cover_what_they_promise_on_other_images(classes: int, coverage: float) -> None:
    covered = []
    for seed in range(20):
        logits, labels = simulated(1500, classes, 1.0, seed)
        own = probabilities_of(logits, 1.7)
        threshold = conformal_threshold(own[:500], labels[:500], coverage)
        covered.append((own[500:][np.arange(1000), labels[500:]] >= threshold).mean())

    assert coverage - 0.005 <= np.mean(covered) <= coverage + 0.015


@pytest.mark.parametrize(("count", "expected"), [(18, 0.0), (19, 1 / 19), (38, 1 / 38), (39, 2 / 39)])
def test_the_conformal_rank_counts_the_image_to_come(count: int, expected: float) -> None:
    own = (np.arange(count) + 1) / count
    probabilities = np.stack([own, 1 - own], axis=1)

    assert conformal_threshold(probabilities, np.zeros(count, int)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("top", "wrong", "expected"),
    [
        ([0.9, 0.8, 0.7], [0, 0, 0], 0.5),
        ([0.9, 0.8, 0.7], [1, 1, 1], 0.9),
        ([0.9, 0.8, 0.7], [0, 1, 1], 0.9),
        ([0.9, 0.8, 0.7], [0, 0, 1], 0.8),
        ([0.7, 0.9, 0.8], [1, 0, 0], 0.8),
        ([0.9, 0.8, 0.7], [1, 0, 0], 0.5),
    ],
    ids=["all right", "all wrong", "only the first right", "last wrong", "any order", "risk out of reach: the lowest"],
)
def test_abstention_of_two_classes(top: list[float], wrong: list[int], expected: float) -> None:
    probabilities = np.stack([np.array(top), 1 - np.array(top)], axis=1)

    assert abstention_threshold(probabilities, np.array(wrong), RISK) == pytest.approx(expected)


def test_a_few_errors_among_many_are_within_the_risk() -> None:
    top = np.linspace(0.99, 0.5, 100)
    wrong = np.zeros(100, int)
    wrong[[60, 80]] = 1

    assert abstention_threshold(np.stack([top, 1 - top], axis=1), wrong, RISK) == pytest.approx(0.5)


def test_all_right_among_four_classes_answers_everything() -> None:
    assert abstention_threshold(np.full((3, 4), 0.25), np.zeros(3, int)) == 0.25


@given(
    top=st.lists(st.integers(50, 100).map(lambda percent: percent / 100), min_size=1, max_size=80),
    wrong=st.lists(st.booleans(), min_size=80, max_size=80),
)
def test_the_risk_holds_for_the_answers_given_or_for_none(top: list[float], wrong: list[bool]) -> None:
    tops, errors = np.array(top), np.array(wrong[: len(top)])
    probabilities = np.stack([tops, 1 - tops], axis=1)
    labels = np.where(errors, 1 - probabilities.argmax(axis=1), probabilities.argmax(axis=1))

    threshold = abstention_threshold(probabilities, labels, RISK)

    reachable = min(errors[tops >= limit].mean() for limit in tops)
    assert errors[tops >= threshold].mean() <= max(RISK, reachable)
