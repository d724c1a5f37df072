"""A slight blur of what is classified, because augmentation blurs what is learnt from.

Random rotations, shifts and zooms resample the training images and thereby soften them; a scan that is served is not
resampled, and its finest detail is nothing that the network has learnt from. The 3 x 3 binomial filter softens it about
as much (used within networks by Zhang 2019, "Making convolutional networks shift-invariant again"). That training
images and served ones have to look alike in such things is known of their scale (Touvron et al. 2019, "Fixing the
train-test resolution discrepancy").
"""

from typing import Any

import keras
from keras import ops


def smoothed(pixels: Any) -> Any:
    """Return float `[N, H, W, C]` filtered with the outer product of (1, 2, 1) / 4; the border is mirrored."""
    padded = ops.pad(pixels, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    once = ops.average_pool(padded, 2, strides=1, padding="valid", data_format="channels_last")
    return ops.average_pool(once, 2, strides=1, padding="valid", data_format="channels_last")


@keras.saving.register_keras_serializable("trainer")
class Smoothing(keras.layers.Layer):  # type: ignore[misc]
    """`smoothed` at inference; does nothing in training, where augmentation comes before it."""

    def call(self, pixels: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Return images of the same shape."""
        return pixels if training else smoothed(pixels)
