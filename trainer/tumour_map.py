"""A map of the tumour on the last features, learnt beside the class from the outlines of the data.

The class alone leaves open where a network looks; with few patients it learns the rest of the picture. Segmentation as
an auxiliary task on the same features (Caruana 1997, multitask learning) says where. The map serves training only.
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


def with_map_loss(
    logits: keras.KerasTensor, features: keras.KerasTensor, masks: keras.KerasTensor, weight: float
) -> keras.KerasTensor:
    """Return `logits` behind which the loss of a map of `features` `[N, h, w, F]` is learnt too."""
    tumour_map = keras.layers.Conv2D(1, 1, name=NAME, dtype="float32")(features)
    return MapLoss(weight, name="map_loss", dtype="float32")((logits, tumour_map, masks))
