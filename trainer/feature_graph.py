"""The backbone as it is served: uint8 pixels in, features out.

Rescaling and grey replication are folded into the first convolution: `conv(x * scale + offset)` is a convolution of `x`
with a scaled kernel and a bias, and stays so at the border when `x` is padded with the value that maps to zero.
"""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from trainer.backbones import Backbone, backbone_of
from trainer.config import TrainConfig

BATCH = 64


class FeatureGraph(tf.Module):  # type: ignore[misc]
    """Maps uint8 `[N, S, S, C]` to the last features `[N, h, w, F]` and to `texture` `[N, T]`.

    `texture` holds the channel means of intermediate layers. Fine-tuning leaves them nearly as they were, so they still
    tell a photograph from a scan, which the last features no longer do (Lee et al. 2018 use such layers likewise).
    """

    def __init__(self, network: keras.Model, config: TrainConfig) -> None:
        """Take over the weights of a trained `network` built by `trainer.network`."""
        super().__init__()
        backbone = network.get_layer("backbone")
        recipe = backbone_of(config.backbone)
        stem = backbone.get_layer(recipe.stem)
        taps = [backbone.get_layer(name).output for name in recipe.texture_layers]
        self._kernel, self._bias = _fold(stem, recipe, config.channels)
        self._stride = stem.strides[0]
        self._padding_value = -recipe.offset / recipe.scale
        self._body = keras.Model(stem.output, [backbone.output, *taps])

    def __call__(self, image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return (features, texture)."""
        x = tf.cast(image, tf.float32)
        before, after = _same_padding(int(image.shape[1]), int(self._kernel.shape[0]), self._stride)
        pads = [[0, 0], [before, after], [before, after], [0, 0]]
        x = tf.pad(x, pads, constant_values=self._padding_value)
        x = tf.nn.conv2d(x, self._kernel, self._stride, "VALID") + self._bias
        features, *taps = self._body(x, training=False)
        return features, tf.concat([tf.reduce_mean(tap, axis=[1, 2]) for tap in taps], axis=1)

    def textures(self, pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return `texture` `[len(rows), T]` of the given rows of cached `pixels`."""
        run = tf.function(lambda image: self(image)[1])
        parts = [run(tf.constant(pixels[rows[start : start + BATCH]])) for start in range(0, len(rows), BATCH)]
        return np.concatenate([part.numpy() for part in parts]).astype(np.float64)


def _fold(
    stem: keras.layers.Conv2D, recipe: Backbone, channels: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return kernel and bias; one grey channel meets the sum of the kernels of red, green and blue."""
    kernel = stem.kernel.numpy()
    bias = (kernel * recipe.offset).sum(axis=(0, 1, 2)) + (stem.bias.numpy() if stem.use_bias else 0)
    scaled = kernel * recipe.scale
    folded = scaled.sum(axis=2, keepdims=True) if channels == 1 else scaled
    return folded.astype(np.float32), bias.astype(np.float32)


def _same_padding(extent: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return the padding before and after that TensorFlow's SAME stands for."""
    total = max((-(-extent // stride) - 1) * stride + kernel - extent, 0)
    return total // 2, total - total // 2
