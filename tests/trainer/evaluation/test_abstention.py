"""Risk against coverage."""

import numpy as np
import pytest

from trainer.evaluation.abstention import abstention, risk_coverage

CONFIDENCE = np.array([0.9, 0.6, 0.8, 0.7])
HITS = np.array([True, False, True, False])


def test_the_curve_by_hand() -> None:
    coverage, risk = risk_coverage(CONFIDENCE, HITS)

    assert coverage == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert risk == pytest.approx([0, 0, 1 / 3, 1 / 2])


def test_equal_probabilities_cannot_be_parted() -> None:
    coverage, risk = risk_coverage(np.array([0.5, 0.5, 0.9]), np.array([True, False, True]))

    assert coverage == pytest.approx([1 / 3, 1])
    assert risk == pytest.approx([0, 1 / 3])


def test_the_area_and_its_controls_by_hand() -> None:
    scores = abstention(CONFIDENCE, HITS, decided=np.array([True, False, True, True]))

    assert scores["aurc"] == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert scores["aurc_random"] == 0.5
    assert scores["aurc_ideal"] == scores["aurc"]
    assert scores["at_threshold"] == pytest.approx({"coverage": 0.75, "risk": 1 / 3})


def test_an_order_that_says_nothing_comes_to_the_error_rate() -> None:
    generator = np.random.default_rng(0)
    scores = abstention(generator.random(4000), generator.random(4000) < 0.8, np.ones(4000, bool))

    assert scores["aurc"] == pytest.approx(scores["aurc_random"], abs=0.03)
    assert scores["aurc_ideal"] < 0.05


def test_a_model_that_never_decides_has_no_risk() -> None:
    assert abstention(CONFIDENCE, HITS, np.zeros(4, bool))["at_threshold"] == {"coverage": 0.0, "risk": None}
