"""The head alone, fitted on features that are computed once.

A frozen backbone gives the same features for the same image in every epoch, and behind global average pooling they are
a short vector. Random changes of the images are then drawn once for each copy instead of anew in every epoch.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from trainer.config import TrainConfig
from trainer.fitting.feature_cache import FeatureCache
from trainer.fitting.fit_data import FitData


def head_of(network: keras.Model) -> keras.Model:
    """Return the head as a model from pooled features `[N, F]` to logits; it shares its weights with `network`."""
    return keras.Model(network.get_layer("gap").output, network.get_layer("logits").output, name="head")


def frozen_features(network: keras.Model, data: FitData, config: TrainConfig, folder: Path) -> FitData:
    """Return `data` with pooled features in the place of images, and `config.feature_copies` of each training image.

    The features are cached in `folder`; memory holds a batch of them.
    """
    cache = FeatureCache(network, config, folder)
    parts = [cache.features(data.pixels, data.train, copy) for copy in range(config.feature_copies + 1)]
    parts.append(cache.features(data.pixels, data.validation))
    rows = np.concatenate([*[data.train] * (config.feature_copies + 1), data.validation])
    return FitData(
        pixels=_Stacked(parts),
        labels=data.labels[rows],
        groups=data.groups[rows],
        train=np.arange(len(data.train)),
        validation=np.arange(len(rows) - len(data.validation), len(rows)),
        class_count=data.class_count,
        copies=config.feature_copies,
    )


class _Stacked:
    """Arrays `[n, F]` behind each other, of which only the rows asked for are read."""

    def __init__(self, parts: Sequence[NDArray[np.float32]]) -> None:
        self._parts = parts
        self._starts = np.cumsum([0, *(len(part) for part in parts)])

    def __getitem__(self, rows: NDArray[np.int64], /) -> NDArray[np.float32]:
        found = np.empty((len(rows), self._parts[0].shape[1]), np.float32)
        owners = np.searchsorted(self._starts, rows, side="right") - 1
        for owner in np.unique(owners):
            own = owners == owner
            found[own] = self._parts[owner][rows[own] - self._starts[owner]]
        return found
