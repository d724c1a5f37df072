"""Prediction sets of a card whose conformal threshold is 0.1."""

import pytest

from tests.trainer.evaluation.answers import outcomes
from trainer.evaluation.prediction_sets import prediction_sets


def test_coverage_and_sizes_by_hand() -> None:
    scores = prediction_sets(
        outcomes(
            ["glioma", "glioma", "pituitary", "no_tumor"],
            [[0.9, 0.05, 0.03, 0.02], [0.2, 0.7, 0.05, 0.05], [0.5, 0.3, 0.15, 0.05], [0.3, 0.3, 0.3, 0.1]],
        )
    )

    assert scores["coverage"] == pytest.approx(3 / 4)
    assert scores["per_class"] == {"glioma": 1.0, "no_tumor": 1.0, "pituitary": 0.0}
    assert scores["sizes"] == {"1": 1, "2": 1, "3": 1, "4": 1}
    assert scores["mean_size"] == pytest.approx(10 / 4)
    assert scores["target"] == 0.95
