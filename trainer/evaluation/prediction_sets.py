"""Conformal prediction sets: they should hold the true class of 95 % of the images."""

from collections import Counter
from typing import Any

import numpy as np

from trainer.evaluation.bootstrap import share_interval
from trainer.evaluation.outcomes import Outcomes
from trainer.fitting.calibration import COVERAGE


def prediction_sets(outcomes: Outcomes) -> dict[str, Any]:
    """Return the measured coverage with its interval, that of each class, and how large the sets are.

    The control is the size: a set of all K classes covers everything and says nothing.
    """
    sets = [result.prediction_set for result in outcomes.results]
    covered = np.array([sample.label in kept for sample, kept in zip(outcomes.samples, sets, strict=True)])
    sizes = Counter(len(kept) for kept in sets)
    return {
        "target": COVERAGE,
        "coverage": float(covered.mean()),
        "coverage_95ci": share_interval(covered, None, outcomes.groups),
        "per_class": {
            name: float(covered[outcomes.truth == k].mean())
            for k, name in enumerate(outcomes.card.class_names)
            if (outcomes.truth == k).any()
        },
        "mean_size": float(np.mean([len(kept) for kept in sets])),
        "sizes": {str(size): sizes[size] for size in sorted(sizes)},
    }
