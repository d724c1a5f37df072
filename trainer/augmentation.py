"""Random changes of the training images, as Keras layers that do nothing at inference."""

import keras

from trainer.config import TrainConfig


def augment(pixels: keras.KerasTensor, config: TrainConfig) -> keras.KerasTensor:
    """Change float `[N, S, S, C]` in 0..255: flip, rotation, shift, zoom, brightness, contrast.

    What comes into view at an edge is filled with the nearest value.
    """
    seed = config.seed
    x = pixels
    if config.flip != "none":
        x = keras.layers.RandomFlip(config.flip, seed=seed)(x)
    x = keras.layers.RandomRotation(config.rotation, fill_mode="nearest", seed=seed + 1)(x)
    x = keras.layers.RandomTranslation(config.translation, config.translation, fill_mode="nearest", seed=seed + 2)(x)
    x = keras.layers.RandomZoom(config.zoom, fill_mode="nearest", seed=seed + 3)(x)
    x = keras.layers.RandomBrightness(config.brightness, value_range=(0, 255), seed=seed + 4)(x)
    return keras.layers.RandomContrast(config.contrast, value_range=(0, 255), seed=seed + 5)(x)
