"""How well one network, or one control, answers to the images of a comparison."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.comparison.answers import Answers
from trainer.evaluation.bootstrap import share_interval
from trainer.evaluation.metrics import classification_metrics

_KEYS = ("accuracy", "accuracy_95ci", "macro_f1", "macro_f1_95ci", "per_class", "confusion")


def scores_of(answers: Answers, said: NDArray[np.int64]) -> dict[str, Any]:
    """Return the scores of the class numbers `said` `[N]` over all folds, with the class that is found worst.

    Beside them stand the accuracy in each fold and on the images of each source.
    """
    metrics = classification_metrics(answers.truth, said, answers.groups, answers.classes)
    hits = answers.truth == said
    return {
        **{key: metrics[key] for key in _KEYS},
        "worst_recall": _worst(metrics["per_class"]),
        "folds": _accuracies(hits, np.array(answers.folds), answers.groups),
        "sources": _accuracies(hits, np.array([sample.source for sample in answers.samples]), answers.groups),
    }


def _worst(per_class: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found = {name: row for name, row in per_class.items() if row["recall"] is not None}
    name = min(found, key=lambda name: found[name]["recall"])
    return {"class": name, "recall": found[name]["recall"], "recall_95ci": found[name]["recall_95ci"]}


def _accuracies(hits: NDArray[np.bool_], places: NDArray[np.str_], groups: list[str]) -> dict[str, dict[str, Any]]:
    table = {}
    for place in sorted(set(places.tolist())):
        here = places == place
        interval = share_interval(hits, here, groups)
        table[place] = {"images": int(here.sum()), "accuracy": float(hits[here].mean()), "accuracy_95ci": interval}
    return table
