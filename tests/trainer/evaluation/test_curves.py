"""ROC and precision-recall curves."""

import numpy as np
import pytest
from sklearn.metrics import auc

from tests.trainer.evaluation.answers import outcomes
from trainer.evaluation.curves import curves
from trainer.evaluation.thinning import POINTS, thin

LABELS = ["glioma", "glioma", "no_tumor", "no_tumor"]
ROWS = [[0.9, 0.0, 0.1, 0.0], [0.3, 0.1, 0.6, 0.0], [0.5, 0.0, 0.5, 0.0], [0.1, 0.0, 0.9, 0.0]]


def test_a_curve_by_hand() -> None:
    lines = curves(outcomes(LABELS, ROWS))["glioma"]

    assert auc(lines["roc"]["false_positive_rate"], lines["roc"]["sensitivity"]) == pytest.approx(3 / 4)
    points = list(zip(lines["precision_recall"]["recall"], lines["precision_recall"]["precision"], strict=True))
    assert (0.5, 1.0) in points and (1.0, pytest.approx(2 / 3, abs=1e-4)) in points


def test_there_is_one_for_every_class_with_images_and_for_tumours() -> None:
    assert curves(outcomes(LABELS, ROWS)).keys() == {"glioma", "no_tumor", "tumour"}


def test_the_tumour_score_is_the_sum_of_the_tumour_classes() -> None:
    lines = curves(outcomes(LABELS, ROWS))["tumour"]["roc"]

    assert auc(lines["false_positive_rate"], lines["sensitivity"]) == pytest.approx(3 / 4)


def test_a_thinned_curve_keeps_its_ends() -> None:
    values = np.linspace(0, 1, 5000) ** 2

    short = thin(values)

    assert len(short) == POINTS
    assert (short[0], short[-1]) == (0.0, 1.0)
    assert thin(values[:3]) == pytest.approx(values[:3], abs=1e-4)
