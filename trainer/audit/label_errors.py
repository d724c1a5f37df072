"""Likely label errors by confident learning (Northcutt, Jiang, Chuang 2021, J. Artif. Intell. Res. 70:1373-1411).

The threshold of a class is the mean probability that it gets from images that carry its label. An image is suspect
where the most probable of the classes above their thresholds is not its label (the off-diagonal of the confident joint,
section 3.1). The method needs probabilities from a classifier that was not fitted on the image.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from service.classifier import Classifier
from service.errors import ProblemError
from service.imaging import Limits, preprocess
from trainer.audit.folds import Folds, grouped_folds
from trainer.audit.survey import Survey
from trainer.errors import DataError

_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True)
class Suspect:
    """A row of the usable files whose label is doubted; `confidence` is the probability of the label it carries."""

    row: int
    suggested: str
    confidence: float
    suggested_probability: float


@dataclass(frozen=True)
class LabelErrors:
    """The suspects, most doubtful first.

    `known_sources` are the data sets that the model was trained on by its own card: of their images it may have learnt
    the labels, wrong ones too.
    """

    suspects: list[Suspect]
    known_sources: list[str]


def find_label_errors(survey: Survey, groups: NDArray[np.intp], classifier: Classifier) -> LabelErrors | None:
    """Fit a regression from the outputs of the model to the labels, out of fold by groups, and doubt labels by it.

    The classes of the data need not be those of the model. Returns None where the groups are too few for folds; raises
    DataError for a file that has changed since the survey.
    """
    labels = [sample.label for sample in survey.usable_samples]
    folds = grouped_folds(labels, groups)
    if not folds:
        return None
    names = sorted(set(labels))
    probabilities = _out_of_fold(_log_probabilities(survey, classifier), np.array(labels), folds, names)
    given = np.array([names.index(label) for label in labels])
    suspects = [
        Suspect(row, names[suggested], float(probabilities[row, given[row]]), float(probabilities[row, suggested]))
        for row, suggested in confident_disagreements(probabilities, given)
    ]
    suspects.sort(key=lambda suspect: suspect.confidence - suspect.suggested_probability)
    trained_on = classifier.card.training_data.sources
    return LabelErrors(suspects, sorted({sample.source for sample in survey.samples} & set(trained_on)))


def confident_disagreements(probabilities: NDArray[np.float64], given: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Yield (row, suggested class) for probabilities `[N, K]` and class numbers `[N]`; each class has a row."""
    classes = range(probabilities.shape[1])
    thresholds = np.array([probabilities[given == k, k].mean() for k in classes])
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    for row in np.flatnonzero(confident.max(axis=1) >= 0):
        suggested = int(confident[row].argmax())
        if suggested != given[row]:
            yield int(row), suggested


def _log_probabilities(survey: Survey, classifier: Classifier) -> NDArray[np.float64]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(lambda sample: _score(sample.path, classifier), survey.usable_samples))
    return np.log(np.maximum(np.array(rows, np.float64), _LEAST_PROBABILITY))


def _score(path: Path, classifier: Classifier) -> NDArray[np.float32]:
    try:
        picture = classifier.open(path.read_bytes(), Limits())
    except (OSError, ProblemError) as error:
        raise DataError(f"{path}: changed while it was audited; give the same command again") from error
    return np.asarray(classifier.score(preprocess(picture, classifier.card.preprocess)[None]).probabilities[0])


def _out_of_fold(
    features: NDArray[np.float64], labels: NDArray[np.str_], folds: Folds, names: Sequence[str]
) -> NDArray[np.float64]:
    """Return probabilities `[N, K]` in the order of `names`, each by a regression fitted on the other folds."""
    out = np.zeros((len(labels), len(names)))
    for train, test in folds:
        model = LogisticRegression(max_iter=1000).fit(features[train], labels[train])
        out[test] = model.predict_proba(features[test])[:, [list(model.classes_).index(name) for name in names]]
    return out
