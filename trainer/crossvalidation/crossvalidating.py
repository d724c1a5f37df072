"""`trainer cross-validate`: from data and one network to pooled scores."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from service.classifier import Classifier
from trainer.crossvalidation.answers import answers_of, pool
from trainer.crossvalidation.report import make_report, write_files
from trainer.errors import ConfigError
from trainer.fold_runs.controls import control_labels
from trainer.fold_runs.finishing import finish, fit
from trainer.fold_runs.folds import shared_folds
from trainer.fold_runs.network import Network
from trainer.fold_runs.run import Run, check_runs
from trainer.splitting.split_files import read_skipped

logger = logging.getLogger(__name__)
_CACHE = ".cache"


def cross_validate(data: Sequence[Path], out: Path, network: Network, folds: int) -> dict[str, Any]:
    """Train the network on every fold, each in a folder of `out`; write the report of all to `out` and return it.

    Finished folds are not repeated, and an interrupted one goes on where it was. Raises TrainerError, and
    ModelFileError where a finished fold's model file is damaged.
    """
    runs = _runs(data, out, network, folds)
    finish(runs, out / _CACHE)
    logger.info("scoring each exported file on the images that its fold tests")
    answers = [answers_of(run) for run in runs]
    manifests = [run.manifest for run in runs]
    pooled = pool(answers, read_skipped(manifests[0].parent))
    card = answers[0].card
    report = make_report(answers, pooled, control_labels(manifests, card.preprocess))
    write_files(out, card, pooled, report)
    return report


def fit_folds(data: Sequence[Path], out: Path, network: Network, folds: int, only: int | None = None) -> None:
    """Fit the network on every fold, or on the one of number `only` from 1, and go no further.

    `cross_validate` with the same arguments does the rest, here or where the folder is copied to. Several folds may be
    fitted at once, each by a process of its own. Raises TrainerError.
    """
    runs = _runs(data, out, network, folds)
    if only is None:
        fit(runs, out / _CACHE)
    else:
        fit([runs[only - 1]], out / _CACHE / str(only))  # folds may leave out different images


def _runs(data: Sequence[Path], out: Path, network: Network, folds: int) -> list[Run]:
    runs = [Run(network, fold, out / fold.stem) for fold in shared_folds(data, out, network.config, folds)]
    check_runs(runs)
    for run in runs:
        _check_tumour_classes(run)
    return runs


def _check_tumour_classes(run: Run) -> None:
    """Raise ConfigError where a finished file calls other classes tumours: its tumour probability is another one."""
    if not run.finished:
        return
    marked = sorted(one.name for one in Classifier(run.model).card.classes if one.tumour)
    if marked != sorted(run.config.tumour_classes):
        theirs = ",".join(marked)
        raise ConfigError(
            f"{run.folder}: holds a model with other tumour classes; give --tumour-classes '{theirs}', or remove the "
            "folder to train it again"
        )
