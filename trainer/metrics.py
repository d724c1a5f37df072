"""Scores of predicted probabilities, with bootstrap intervals over groups."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support, roc_auc_score

RESAMPLES = 2000


def classification_metrics(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], groups: Sequence[str], class_names: Sequence[str]
) -> dict[str, Any]:
    """Return accuracy with its 95 % interval, macro-F1, precision, recall and F1 per class, and confusion counts."""
    codes = list(range(len(class_names)))
    present = sorted(set(truth.tolist()))
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=codes, zero_division=np.nan
    )
    hits = (truth == predicted).astype(np.float64)
    return {
        "images": len(truth),
        "groups": len(set(groups)),
        "accuracy": float(accuracy_score(truth, predicted)),
        "accuracy_95ci": bootstrap_interval(lambda rows: float(hits[rows].mean()), groups),
        "macro_f1": float(f1_score(truth, predicted, labels=present, average="macro", zero_division=0)),
        "per_class": {
            name: {
                "precision": _number(precision[k]),
                "recall": _number(recall[k]),
                "f1": _number(f1[k]),
                "images": int(support[k]),
            }
            for k, name in enumerate(class_names)
        },
        "confusion": {
            "rows_are": "truth",
            "classes": list(class_names),
            "counts": confusion_matrix(truth, predicted, labels=codes).tolist(),
        },
    }


def auroc(truth: NDArray[np.bool_], score: NDArray[np.float64], groups: Sequence[str]) -> dict[str, Any] | None:
    """Return the area under the ROC curve with its 95 % interval, or None when only one side is there."""
    if truth.all() or not truth.any():
        return None

    def area(rows: NDArray[np.int64]) -> float:
        both = 0 < truth[rows].sum() < len(rows)
        return float(roc_auc_score(truth[rows], score[rows])) if both else float("nan")

    return {"auroc": area(np.arange(len(truth))), "auroc_95ci": bootstrap_interval(area, groups)}


def bootstrap_interval(statistic: Callable[[NDArray[np.int64]], float], groups: Sequence[str]) -> list[float] | None:
    """Return the 2.5 and 97.5 percentile of `statistic(rows)` over resamples of whole groups (seeded).

    None for a single group, which cannot be resampled; over fewer than about 20 groups the interval is too narrow.
    """
    if len(set(groups)) < 2:
        return None
    names = np.array(groups)
    members = [np.nonzero(names == name)[0] for name in sorted(set(groups))]
    generator = np.random.default_rng(0)
    values = []
    for _ in range(RESAMPLES):
        drawn = generator.integers(0, len(members), len(members))
        values.append(statistic(np.concatenate([members[k] for k in drawn])))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return [float(low), float(high)]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
