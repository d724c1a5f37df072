"""Pooled features of a frozen backbone, on disk under the hash of all that they depend on."""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from trainer.atomic import replacing
from trainer.config import TrainConfig
from trainer.fitting.fit_data import Rows
from trainer.network.augmentation import augment

logger = logging.getLogger(__name__)
BATCH = 32
_SEED_STRIDE = 1000
_CHANGES = ("rotation", "flip", "zoom", "translation", "brightness", "contrast", "noise", "seed")
Images = Callable[[tf.Tensor], tf.Tensor]


class FeatureCache:
    """Files of features float32 `[n, F]` of one network; each is written a batch at a time and memory-mapped."""

    def __init__(self, network: keras.Model, config: TrainConfig, folder: Path) -> None:
        """`network` comes from `trainer.network.building`; the weights that its backbone has now are used."""
        self._extract = _extractor(network, "augmented")
        self._extract_changed = _extractor(network, "smoothing" if config.smooths else "augmented")
        self._weights_sha256 = _weights_sha256(network.get_layer("backbone"))
        self._config = config
        self._folder = folder

    def features(self, pixels: Rows, rows: NDArray[np.int64], copy: int = 0) -> NDArray[np.float32]:
        """Return the features of the given rows of float or uint8 `pixels` `[N, S, S, C]`.

        Copy 0 are the images themselves, softened as those that are classified; any other number stands for random
        changes of its own, which soften by themselves.
        """
        path = self._folder / f"{self._key(pixels, rows, copy)}.npy"
        if not path.is_file():
            self._write(path, pixels, rows, copy)
        cached: NDArray[np.float32] = np.load(path, mmap_mode="r")
        return cached

    def _write(self, path: Path, pixels: Rows, rows: NDArray[np.int64], copy: int) -> None:
        logger.info("computing features of %d images, copy %d", len(rows), copy)
        change, extract = _changer(self._config, copy), self._extract_changed if copy else self._extract
        with replacing(path) as temporary, temporary.open("wb") as file:
            for start in range(0, len(rows), BATCH):
                images = tf.constant(pixels[rows[start : start + BATCH]], tf.float32)
                features = extract(change(images)).numpy()
                if start == 0:
                    header = {"descr": "<f4", "fortran_order": False, "shape": (len(rows), features.shape[1])}
                    np.lib.format.write_array_header_1_0(file, header)
                file.write(features.astype("<f4").tobytes())

    def _key(self, pixels: Rows, rows: NDArray[np.int64], copy: int) -> str:
        config = self._config
        changes = {name: getattr(config, name) for name in _CHANGES} if copy else {}
        network = [config.backbone, config.size, config.channels, config.smooths, self._weights_sha256]
        about = [keras.__version__, *network, copy, changes]
        digest = hashlib.sha256(json.dumps(about).encode())
        for start in range(0, len(rows), BATCH):
            digest.update(pixels[rows[start : start + BATCH]].tobytes())
        return digest.hexdigest()


def _extractor(network: keras.Model, after: str) -> Images:
    """Return a function from what leaves the layer `after`, float `[N, S, S, C]`, to features `[N, F]`."""
    body = keras.Model(network.get_layer(after).output, network.get_layer("gap").output)
    extract: Images = tf.function(lambda images: tf.cast(body(images, training=False), tf.float32))
    return extract


def _changer(config: TrainConfig, copy: int) -> Images:
    """Return a function that changes images as in training, with layers of its own: those of the network draw on."""
    if copy == 0:
        return lambda images: images
    pixels = keras.Input((config.size, config.size, config.channels))
    layers = keras.Model(pixels, augment(pixels, replace(config, seed=config.seed + _SEED_STRIDE * copy)))
    change: Images = tf.function(lambda images: layers(images, training=True))
    return change


def _weights_sha256(backbone: keras.Model) -> str:
    digest = hashlib.sha256()
    for array in backbone.get_weights():
        digest.update(array.tobytes())
    return digest.hexdigest()
