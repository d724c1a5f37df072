"""Runs on folds brought to their end, without TensorFlow where nothing is left to do."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from trainer.fold_runs.run import Run


def finish(runs: Sequence[Run], cache: Path) -> None:
    """Train the runs that are not finished, an interrupted one from where it was; raises TrainerError.

    Decoded images are kept in the folder `cache` meanwhile, and for the next call when this one is interrupted.
    """
    unfinished = [run for run in runs if not run.finished]
    if unfinished:
        from trainer.fold_runs.training import train_runs  # TensorFlow takes seconds to import

        train_runs(unfinished, cache)
    shutil.rmtree(cache, ignore_errors=True)


def fit(runs: Sequence[Run], cache: Path) -> None:
    """Fit the runs that are not finished, and no more; raises TrainerError. The folder `cache` is left as it is."""
    from trainer.fold_runs.training import fit_runs  # Keras takes seconds to import

    fit_runs([run for run in runs if not run.finished], cache)
