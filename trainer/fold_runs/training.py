"""Runs trained one after the other in this process."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from trainer.config import TrainConfig
from trainer.data.manifest import read_manifest
from trainer.data.mask_cache import check_masks
from trainer.errors import TrainerError
from trainer.fitting.phases import start
from trainer.fold_runs.run import Run
from trainer.preparation import Prepared, prepare

logger = logging.getLogger(__name__)


def train_runs(runs: Sequence[Run], cache: Path) -> None:
    """Train every run. Raises TrainerError naming the network."""
    from trainer.training import train  # needs TensorFlow, which fitting alone does not

    _each(runs, cache, train)


def fit_runs(runs: Sequence[Run], cache: Path) -> None:
    """Fit every run and go no further. Raises TrainerError naming the network."""
    from trainer.fitted import fit_run

    _each(runs, cache, fit_run)


def _each(runs: Sequence[Run], cache: Path, bring_on: Callable[[Prepared, Path, TrainConfig], Any]) -> None:
    """Prepare every run and bring it on.

    The folder `cache` keeps the decoded images, once for each way to preprocess them.
    Each network is built before the first is trained, so that weights which do not fit are told at once, and so are
    masks that are not there.
    """
    classes = {sample.label for sample in read_manifest(runs[0].manifest)}
    for run in {run.network.name: run for run in runs}.values():
        with _of(run):
            if run.config.mask_loss:
                check_masks(read_manifest(run.manifest))
            start(len(classes), run.config)
    for number, run in enumerate(runs, start=1):
        logger.info("== run %d of %d: %s on %s", number, len(runs), run.network.name, run.manifest.stem)
        spec = run.config.preprocess_spec
        with _of(run):
            images = cache / f"{spec.size}-{spec.channels}-{spec.crop}-{spec.crop_margin}"
            bring_on(prepare([run.manifest], run.folder, run.config, images), run.folder, run.config)


@contextmanager
def _of(run: Run) -> Iterator[None]:
    """Name the network in an error, and free it afterwards: Keras would keep the graphs of all of them."""
    try:
        yield
    except TrainerError as error:
        raise type(error)(f"{run.network.name}: {error}") from error
    finally:
        keras.utils.clear_session()
