"""A curve short enough to be kept as JSON."""

import numpy as np

from trainer.evaluation.bootstrap import Floats

POINTS = 101


def thin(values: Floats) -> list[float]:
    """Return at most 101 of `values` at even steps, the first and the last among them, rounded to four digits."""
    rows = np.unique(np.linspace(0, len(values) - 1, POINTS).astype(np.int64))
    return [round(float(value), 4) for value in values[rows]]
