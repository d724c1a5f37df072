"""Every figure of an evaluation, over all images and for each source."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from service.model_file import Card
from trainer.evaluation.abstention import abstention
from trainer.evaluation.bootstrap import share_interval
from trainer.evaluation.calibration_curve import calibration
from trainer.evaluation.curves import curves
from trainer.evaluation.localisation import Pointing, localisation, play
from trainer.evaluation.metrics import binary_areas, classification_metrics
from trainer.evaluation.outcomes import Outcomes, outcomes_of
from trainer.evaluation.prediction_sets import prediction_sets
from trainer.evaluation.predictions import Predictions


def evaluate(card: Card, predictions: Predictions, temperature: float | None = None) -> dict[str, Any]:
    """Return the scores over all images and for each source, as JSON data.

    `temperature` is the one the model file was calibrated with, where it is known. Raises DataError for labels that the
    model does not know.
    """
    outcomes = outcomes_of(card, predictions)
    pointing = play(outcomes)
    rows = range(len(outcomes.samples))
    sources = sorted({sample.source for sample in outcomes.samples})
    own = {source: [row for row in rows if outcomes.samples[row].source == source] for source in sources}
    return {
        "overall": _scores(outcomes, rows, pointing, temperature),
        "sources": {source: _scores(outcomes, own[source], pointing, temperature) for source in sources},
        "curves": curves(outcomes),
        "grouped": any(sample.group for sample in outcomes.samples),
        "unreadable_masks": pointing.unreadable,
        "skipped": [{"file": skip.path.name, "reason": skip.reason} for skip in predictions.skipped],
    }


def _scores(everything: Outcomes, rows: Sequence[int], pointing: Pointing, temperature: float | None) -> dict[str, Any]:
    outcomes = everything.select(rows)
    scores = classification_metrics(outcomes.truth, outcomes.predicted, outcomes.groups, outcomes.card.class_names)
    for k, row in enumerate(scores["per_class"].values()):
        row["areas"] = binary_areas(outcomes.truth == k, outcomes.probabilities[:, k], outcomes.groups)
    decided = outcomes.decided
    return {
        **scores,
        "majority_control": float(np.bincount(outcomes.truth).max() / len(outcomes.truth)),
        "tumour": _tumour(outcomes) if outcomes.about_tumours else None,
        "calibration": calibration(outcomes.probabilities, outcomes.truth, temperature),
        "uncertain_rate": float(1 - decided.mean()),
        "accuracy_when_decided": float(outcomes.hits[decided].mean()) if decided.any() else None,
        "abstention": abstention(outcomes.confidence, outcomes.hits, decided),
        "prediction_sets": prediction_sets(outcomes),
        "refused_as_novel": float(np.mean([not result.in_distribution for result in outcomes.results])),
        "localisation": localisation(pointing, everything, rows),
    }


def _tumour(outcomes: Outcomes) -> dict[str, Any] | None:
    """Return the areas, and sensitivity and specificity where a tumour probability of one half decides."""
    positive, groups = outcomes.tumour, outcomes.groups
    areas = binary_areas(positive, outcomes.tumour_score, groups)
    if areas is None:
        return None
    called = outcomes.tumour_score >= 0.5
    return {
        **areas,
        "sensitivity": float(called[positive].mean()),
        "sensitivity_95ci": share_interval(called, positive, groups),
        "specificity": float((~called[~positive]).mean()),
        "specificity_95ci": share_interval(~called, ~positive, groups),
    }
