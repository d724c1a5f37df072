"""Gaussian noise for images in 0..255; the layer of Keras takes a deviation of 1 at most."""

from typing import Any

import keras

WHITE = 255.0


@keras.saving.register_keras_serializable("trainer")
class RandomNoise(keras.layers.Layer):  # type: ignore[misc]
    """Adds noise of a deviation of `fraction` of the range in training and clips; does nothing at inference."""

    def __init__(self, fraction: float, seed: int, **options: Any) -> None:
        """The same seed gives the same noise."""
        super().__init__(**options)
        self.fraction = fraction
        self.seed = seed
        self._generator = keras.random.SeedGenerator(seed)

    def call(self, images: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Return images of the same shape, in 0..255."""
        if not training:
            return images
        noise = keras.random.normal(
            keras.ops.shape(images), stddev=self.fraction * WHITE, dtype=self.compute_dtype, seed=self._generator
        )
        return keras.ops.clip(images + noise, 0.0, WHITE)

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is built from."""
        return {**super().get_config(), "fraction": self.fraction, "seed": self.seed}
