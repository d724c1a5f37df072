"""`trainer compare`: from data and networks to scores, costs and a choice."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from service.classifier import Classifier
from trainer.comparison.answers import labels_of, pair_answers
from trainer.comparison.choice import MARGIN
from trainer.comparison.costs import costs_of
from trainer.comparison.report import make_report
from trainer.comparison.runs import runs_of
from trainer.fold_runs.controls import control_labels
from trainer.fold_runs.finishing import finish
from trainer.fold_runs.folds import shared_folds
from trainer.fold_runs.network import Network

logger = logging.getLogger(__name__)


def compare(
    data: Sequence[Path], out: Path, networks: Sequence[Network], folds: int | None, margin: float = MARGIN
) -> dict[str, Any]:
    """Train every network on every fold (None: one hold-out) in the folder `out` and return the report.

    `margin` is that of the rule. Finished runs are not repeated, and an interrupted one goes on where it was. Raises
    TrainerError, and ModelFileError where a finished run's model file is damaged.
    """
    manifests = shared_folds(data, out, networks[0].config, folds)
    runs = runs_of(out, networks, manifests)
    finish(runs, out / ".cache")
    logger.info("scoring the exported files on the images that each fold tests")
    own = {network.name: [run for run in runs if run.network is network] for network in networks}
    labels = {name: labels_of(of_network) for name, of_network in own.items()}
    answers = pair_answers(manifests, labels, control_labels(manifests))
    models = {name: of_network[0].model for name, of_network in own.items()}
    cards = {name: Classifier(path).card for name, path in models.items()}
    return make_report(answers, costs_of(models), cards, margin)
