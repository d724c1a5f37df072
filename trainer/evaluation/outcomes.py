"""What is known and what was answered, image by image, as arrays."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from service.classifier import UNCERTAIN, Result
from service.model_file import Card
from trainer.data.sample import Sample
from trainer.errors import DataError
from trainer.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Outcomes:
    """N images with the model's answer to each; classes are numbered as in the card."""

    card: Card
    samples: list[Sample]
    results: list[Result]

    def select(self, rows: Iterable[int]) -> "Outcomes":
        """Return the outcomes of some images."""
        chosen = list(rows)
        return Outcomes(self.card, [self.samples[r] for r in chosen], [self.results[r] for r in chosen])

    @cached_property
    def truth(self) -> NDArray[np.int64]:
        """Class numbers `[N]` of the labels."""
        return np.array([self.card.class_names.index(sample.label) for sample in self.samples], np.int64)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """Return `[N, K]`; each row adds up to 1."""
        table = np.array([list(result.probabilities.values()) for result in self.results], np.float64)
        return np.asarray(table / table.sum(axis=1, keepdims=True))

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """Class numbers `[N]` of the answers."""
        return np.array([self.card.class_names.index(result.label) for result in self.results], np.int64)

    @cached_property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the answer, `[N]`."""
        return np.array([result.probability for result in self.results], np.float64)

    @cached_property
    def hits(self) -> NDArray[np.bool_]:
        """Whether each answer is right, `[N]`."""
        return np.asarray(self.truth == self.predicted)

    @cached_property
    def decided(self) -> NDArray[np.bool_]:
        """Whether the model gave an answer rather than "uncertain", `[N]`."""
        return np.array([result.decision != UNCERTAIN for result in self.results])

    @cached_property
    def groups(self) -> list[str]:
        """The group of each image; an image without one is a group of its own."""
        return [sample.group or str(sample.path) for sample in self.samples]

    @property
    def about_tumours(self) -> bool:
        """Whether the card says which classes mean a tumour."""
        return any(c.tumour is not None for c in self.card.classes)

    @cached_property
    def tumour(self) -> NDArray[np.bool_]:
        """Whether the label of each image means a tumour, `[N]`."""
        return np.array([bool(self.card.classes[code].tumour) for code in self.truth])

    @cached_property
    def tumour_score(self) -> NDArray[np.float64]:
        """Probability of any tumour, `[N]`."""
        return np.array([result.tumor_probability or 0.0 for result in self.results])


def outcomes_of(card: Card, predictions: Predictions) -> Outcomes:
    """Pair labels and answers; raises DataError for labels that the model does not know."""
    unknown = sorted({s.label for s in predictions.samples} - set(card.class_names))
    if unknown:
        raise DataError(
            f"the model does not know the label(s) {unknown}; its classes are {list(card.class_names)}. "
            "Rename them with --class-map."
        )
    return Outcomes(card, predictions.samples, predictions.results)
