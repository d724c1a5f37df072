"""Answers that no model gave, for tests of what is computed from them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from service.classifier import Scores, interpret
from service.model_file import Card
from tests.tiny_model import card
from trainer.data.sample import Sample
from trainer.evaluation.outcomes import Outcomes


def outcomes(labels: Sequence[str], rows: Sequence[Sequence[float]], heat: np.ndarray | None = None) -> Outcomes:
    """Pair labels with rows of probabilities; `heat` is `[N, h, w]`, the same for every class."""
    probabilities = np.array(rows, np.float32)
    heatmap = None if heat is None else np.repeat(heat[..., None], probabilities.shape[1], axis=3).astype(np.float32)
    scores = Scores(probabilities, np.zeros(len(rows), np.float32), heatmap)
    model_card = Card.model_validate(card())
    samples = [Sample(Path(f"{number}.png"), label, "made") for number, label in enumerate(labels)]
    return Outcomes(model_card, samples, [interpret(model_card, scores, row) for row in range(len(rows))])
