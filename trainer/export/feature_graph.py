"""The backbone as it is served: uint8 pixels in, features out."""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from trainer.config import TrainConfig
from trainer.export.served_stem import ServedStem
from trainer.network.backbones import backbone_of
from trainer.network.folding import fold_batch_norms
from trainer.network.smoothing import smoothed

BATCH = 64


class FeatureGraph(tf.Module):  # type: ignore[misc]
    """Maps uint8 `[N, S, S, C]` to the last features `[N, h, w, F]` and to `texture` `[N, T]`.

    `texture` holds the channel means of intermediate layers. Fine-tuning leaves them nearly as they were, so they still
    tell a photograph from a scan, which the last features no longer do (Lee et al. 2018 use such layers likewise).
    """

    def __init__(self, network: keras.Model, config: TrainConfig) -> None:
        """Take over the weights of a trained `network` built by `trainer.network.building`."""
        super().__init__()
        backbone = fold_batch_norms(network.get_layer("backbone"))
        recipe = backbone_of(config.backbone)
        stem = backbone.get_layer(recipe.stem)
        taps = [backbone.get_layer(name).output for name in recipe.texture_layers]
        self._smoothing = config.smooths
        self._stem = ServedStem(stem, recipe.scaling, config.channels)
        self._body = keras.Model(stem.output, [backbone.output, *taps])

    def __call__(self, image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return (features, texture)."""
        pixels = tf.cast(image, tf.float32)
        x = self._stem(smoothed(pixels) if self._smoothing else pixels)
        features, *taps = self._body(x, training=False)
        return features, tf.concat([tf.reduce_mean(tap, axis=[1, 2]) for tap in taps], axis=1)

    def textures(self, pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return `texture` `[len(rows), T]` of the given rows of cached `pixels`."""
        run = tf.function(lambda image: self(image)[1])
        parts = [run(tf.constant(pixels[rows[start : start + BATCH]])) for start in range(0, len(rows), BATCH)]
        return np.concatenate([part.numpy() for part in parts]).astype(np.float64)
