"""Scores of predicted labels and probabilities, with bootstrap intervals over groups."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
    roc_auc_score,
)

from trainer.evaluation.bootstrap import Floats, bootstrap_interval, quotient, share_interval


def classification_metrics(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], groups: Sequence[str], class_names: Sequence[str]
) -> dict[str, Any]:
    """Return accuracy, macro-F1, precision, recall and F1 per class and the confusion matrix, with 95 % intervals.

    Macro-F1 is over the classes that `truth` holds. `confusion.rates` are shares of the images of the row.
    """
    codes = list(range(len(class_names)))
    present = sorted(set(truth.tolist()))
    counts = confusion_matrix(truth, predicted, labels=codes)
    return {
        "images": len(truth),
        "groups": len(set(groups)),
        "accuracy": float(accuracy_score(truth, predicted)),
        "accuracy_95ci": share_interval(truth == predicted, None, groups),
        "macro_f1": float(f1_score(truth, predicted, labels=present, average="macro", zero_division=0)),
        "macro_f1_95ci": _macro_f1_interval(truth, predicted, groups, present),
        "per_class": dict(zip(class_names, _per_class(truth, predicted, groups, codes), strict=True)),
        "confusion": {
            "rows_are": "truth",
            "classes": list(class_names),
            "counts": counts.tolist(),
            "rates": [[_number(rate) for rate in quotient(row, np.full(len(row), row.sum()))] for row in counts],
        },
    }


def binary_areas(truth: NDArray[np.bool_], score: Floats, groups: Sequence[str]) -> dict[str, Any] | None:
    """Return the areas under the ROC and the precision-recall curve, or None when only one side is there.

    `prevalence` is what the average precision of a random score comes to; that of the ROC area is one half.
    """
    if truth.all() or not truth.any():
        return None
    return {
        "auroc": float(roc_auc_score(truth, score)),
        "auroc_95ci": bootstrap_interval(lambda weights: weighted_auroc(truth, score, weights), groups),
        "average_precision": float(average_precision_score(truth, score)),
        "prevalence": float(truth.mean()),
    }


def weighted_auroc(truth: NDArray[np.bool_], score: Floats, weights: Floats) -> Floats:
    """Return `[B]` areas under the ROC curve for weights `[B, N]`, NaN where a row has one side only.

    The share of pairs of a positive and a negative image in which the positive one has the higher score, ties counting
    half (Mann and Whitney 1947); for one row what scikit-learn gives with `sample_weight`.
    """
    order = np.argsort(score, kind="stable")
    starts = np.nonzero(np.diff(score[order], prepend=-np.inf))[0]
    positive = np.add.reduceat(weights[:, order] * truth[order], starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * ~truth[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    won = (positive * (below + negative / 2)).sum(axis=1)
    return quotient(won, positive.sum(axis=1) * negative.sum(axis=1))


def _per_class(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], groups: Sequence[str], codes: Sequence[int]
) -> list[dict[str, Any]]:
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=codes, zero_division=np.nan
    )
    hits = truth == predicted
    return [
        {
            "precision": _number(precision[k]),
            "precision_95ci": share_interval(hits, predicted == k, groups),
            "recall": _number(recall[k]),
            "recall_95ci": share_interval(hits, truth == k, groups),
            "f1": _number(f1[k]),
            "images": int(support[k]),
        }
        for k in codes
    ]


def _macro_f1_interval(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], groups: Sequence[str], present: Sequence[int]
) -> list[float] | None:
    """F1 of a class is 2 TP / (images of it + answers of it); a class that a resample lacks altogether has none."""

    def macro_f1(weights: Floats) -> Floats:
        scores = [
            quotient(
                2 * weights @ ((truth == k) & (predicted == k)), weights @ (truth == k) + weights @ (predicted == k)
            )
            for k in present
        ]
        return np.asarray(np.nanmean(scores, axis=0))

    return bootstrap_interval(macro_f1, groups)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
