"""ROC and precision-recall curves, one class against the rest and tumour against none."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from trainer.evaluation.bootstrap import Floats
from trainer.evaluation.outcomes import Outcomes
from trainer.evaluation.thinning import thin

TUMOUR = "tumour"


def questions(outcomes: Outcomes) -> Iterator[tuple[str, NDArray[np.bool_], Floats]]:
    """Yield (name, truth `[N]`, score `[N]`) of every yes/no question: each class against the rest, then any tumour."""
    for k, name in enumerate(outcomes.card.class_names):
        yield name, outcomes.truth == k, outcomes.probabilities[:, k]
    if outcomes.about_tumours:
        yield TUMOUR, outcomes.tumour, outcomes.tumour_score


def curves(outcomes: Outcomes) -> dict[str, Any]:
    """Return for every question with both answers at most 101 points of its two curves, rounded to four digits."""
    return {
        name: {"roc": _roc(truth, score), "precision_recall": _precision_recall(truth, score)}
        for name, truth, score in questions(outcomes)
        if truth.any() and not truth.all()
    }


def _roc(truth: NDArray[np.bool_], score: Floats) -> dict[str, list[float]]:
    false_positive_rate, sensitivity, _ = roc_curve(truth, score)
    return {"false_positive_rate": thin(false_positive_rate), "sensitivity": thin(sensitivity)}


def _precision_recall(truth: NDArray[np.bool_], score: Floats) -> dict[str, list[float]]:
    precision, recall, _ = precision_recall_curve(truth, score, drop_intermediate=True)
    return {"recall": thin(recall), "precision": thin(precision)}
