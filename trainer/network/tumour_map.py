"""A map of the tumour on the last features, learnt beside the class from the outlines of the data.

The class alone leaves open where a network looks; with few patients it learns the rest of the picture. Segmentation as
an auxiliary task on the same features (Caruana 1997, multitask learning) says where, and the head then sees the
features of that place beside their average over all of them (attention pooling, Ilse et al. 2018).
"""

from typing import Any

import keras

NAME = "tumour_map"


@keras.saving.register_keras_serializable("trainer")
class MapLoss(keras.layers.Layer):  # type: ignore[misc]
    """Adds the loss of the map to that of the logits, which it passes on."""

    def __init__(self, weight: float, **options: Any) -> None:
        """`weight` is that of the loss of the map; that of the class has 1."""
        super().__init__(**options)
        self.weight = weight

    def call(self, inputs: tuple[keras.KerasTensor, ...]) -> keras.KerasTensor:
        """Take logits, a map of logits `[N, h, w, 1]` and masks `[N, S, S, 1]` in 0..1, below 0 where unknown.

        The loss is binary cross-entropy against the share of tumour in each cell, averaged over the known cells.
        """
        logits, tumour_map, masks = inputs
        share = keras.ops.image.resize(masks, tumour_map.shape[1:3], interpolation="bilinear", antialias=True)
        known = keras.ops.cast(share > -0.5, self.compute_dtype)
        losses = keras.ops.binary_crossentropy(keras.ops.clip(share, 0.0, 1.0), tumour_map, from_logits=True)
        self.add_loss(self.weight * keras.ops.sum(known * losses) / keras.ops.maximum(keras.ops.sum(known), 1.0))
        return logits

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is built from."""
        return {**super().get_config(), "weight": self.weight}


@keras.saving.register_keras_serializable("trainer")
class Detached(keras.layers.Layer):  # type: ignore[misc]
    """Passes its input on and lets no gradient back."""

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return `inputs`."""
        return keras.ops.stop_gradient(inputs)


def tumour_map_of(features: keras.KerasTensor) -> keras.KerasTensor:
    """Return a map of logits `[N, h, w, 1]` for features `[N, h, w, F]`."""
    return keras.layers.Conv2D(1, 1, name=NAME, dtype="float32")(features)


def attended(features: keras.KerasTensor, tumour_map: keras.KerasTensor) -> keras.KerasTensor:
    """Return the mean `[N, F]` of `features` under the softmax of the map over the places.

    The map learns from the outlines alone: no gradient of the class reaches it.
    """
    height, width, depth = features.shape[1:]
    weights = keras.layers.Reshape((height * width, 1))(Detached(dtype="float32")(tumour_map))
    weights = keras.layers.Softmax(axis=1, dtype="float32")(weights)
    places = keras.layers.Reshape((height * width, depth))(features)
    mean = keras.layers.Dot(axes=1, dtype="float32")([weights, places])
    return keras.layers.Reshape((depth,), name="attended")(mean)
