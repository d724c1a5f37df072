"""The shortcut probe: how well the classes are told apart by what is not anatomy."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score

from trainer.audit.folds import grouped_folds
from trainer.audit.inspection import Facts
from trainer.audit.survey import Survey
from trainer.evaluation.shortcuts import ControlFeatures, header_features, intensity_statistics, predict_controls

_BLOCK = 1024


@dataclass(frozen=True)
class Score:
    """Share of right answers and mean share of right answers of the classes, both in 0..1."""

    accuracy: float
    balanced_accuracy: float


@dataclass(frozen=True)
class Probe:
    """Scores of the controls by name, `majority` among them, over `folds` grouped folds; a fold holds whole groups."""

    scores: dict[str, Score]
    folds: int
    groups: int


def probe(survey: Survey, groups: NDArray[np.intp]) -> Probe | None:
    """Cross-validate the controls; `groups` numbers what must not straddle folds, `[U]`.

    Returns None where the groups are too few for folds.
    """
    labels = [sample.label for sample in survey.usable_samples]
    folds = grouped_folds(labels, groups)
    if not folds:
        return None
    features = _features(survey.thumbnails, survey.usable_facts)
    answers: dict[str, list[str]] = {"majority": [""] * len(labels)}
    for train, test in folds:
        most_frequent = Counter(labels[row] for row in train).most_common(1)[0][0]
        said = {"majority": [most_frequent] * len(test), **predict_controls(labels, features, train, test)}
        for name, predicted in said.items():
            column = answers.setdefault(name, [""] * len(labels))
            for row, label in zip(test, predicted, strict=True):
                column[row] = label
    scores = {name: _score(labels, predicted) for name, predicted in answers.items()}
    return Probe(scores, len(folds), len(set(groups.tolist())))


def _features(thumbnails: NDArray[np.uint8], facts: Sequence[Facts]) -> ControlFeatures:
    flat = thumbnails.reshape(len(thumbnails), -1)
    blocks = [intensity_statistics(flat[start : start + _BLOCK]) for start in range(0, len(flat), _BLOCK)]
    headers = [header_features(fact.width, fact.height, fact.size, fact.mode, fact.format) for fact in facts]
    return ControlFeatures(np.array(headers, np.float64), np.concatenate(blocks), flat)


def _score(truth: Sequence[str], said: Sequence[str]) -> Score:
    hits = [one == other for one, other in zip(truth, said, strict=True)]
    return Score(sum(hits) / len(hits), float(balanced_accuracy_score(truth, said)))
