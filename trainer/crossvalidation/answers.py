"""What each fold's exported file answers to the images that the fold tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.classifier import Classifier
from service.model_file import Card
from trainer.data.dataset import Skipped
from trainer.evaluation.bootstrap import share_interval
from trainer.evaluation.predictions import Predictions, predict
from trainer.fold_runs.folds import held_out
from trainer.fold_runs.run import Run


@dataclass(frozen=True)
class FoldAnswers:
    """The model file of one fold, by card and sha256, and its answers with their heat maps."""

    name: str
    card: Card
    sha256: str
    predictions: Predictions

    @property
    def row(self) -> dict[str, Any]:
        """The model file's sha256, images, groups and accuracy with its interval, as JSON data."""
        samples = self.predictions.samples
        pairs = zip(samples, self.predictions.results, strict=True)
        hits = np.array([result.label == sample.label for sample, result in pairs])
        groups = [sample.group or str(sample.path) for sample in samples]
        return {
            "images": len(samples),
            "groups": len(set(groups)),
            "accuracy": float(hits.mean()),
            "accuracy_95ci": share_interval(hits, None, groups),
            "model_sha256": self.sha256,
        }


def answers_of(run: Run) -> FoldAnswers:
    """Ask the file of a finished run; raises ModelFileError when it is damaged, DataError when no image can be read."""
    classifier = Classifier(run.model)
    predictions = predict(classifier, held_out(run.manifest), explain=True)
    return FoldAnswers(run.manifest.stem, classifier.card, classifier.sha256, predictions)


def pool(folds: Sequence[FoldAnswers], unused: Sequence[Skipped]) -> Predictions:
    """Return the answers of all folds one after the other; `unused` are files that are in no fold."""
    found = [fold.predictions for fold in folds]
    return Predictions(
        [sample for one in found for sample in one.samples],
        [result for one in found for result in one.results],
        [*unused, *(skip for one in found for skip in one.skipped)],
    )
