"""A run as far as its network is fitted: what wants a GPU, and needs no TensorFlow."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from trainer.config import TrainConfig
from trainer.data.sample import SPLITS, Sample
from trainer.fitting.acceleration import accelerate
from trainer.fitting.determinism import make_deterministic
from trainer.fitting.fit_data import FitData
from trainer.fitting.phases import Progress, fit
from trainer.preparation import Prepared


def fit_run(prepared: Prepared, out: Path, config: TrainConfig) -> tuple[keras.Model, Progress]:
    """Fit the network of the run in the folder `out`; one that is fitted is only loaded. Raises TrainerError.

    It may have been fitted with another library under Keras: the state on disk is the same.
    """
    make_deterministic(config.seed)
    accelerate()
    return fit(fit_data_of(prepared), config, out / "fit")


def fit_data_of(prepared: Prepared) -> FitData:
    """Return what is fitted on: labels and groups as numbers, and the rows of the training and validation split."""
    samples, classes = prepared.samples, prepared.classes
    labels = np.array([classes.index(sample.label) for sample in samples], np.int64)
    groups = np.unique([sample.group for sample in samples], return_inverse=True)[1]
    rows = {split: _rows(samples, split) for split in SPLITS}
    return FitData(
        prepared.images.pixels, labels, groups, rows["train"], rows["validation"], len(classes), prepared.masks
    )


def _rows(samples: Sequence[Sample], split: str) -> NDArray[np.int64]:
    return np.array([row for row, sample in enumerate(samples) if sample.split == split], np.int64)
