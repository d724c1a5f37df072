"""Random changes of the training images, as Keras layers that do nothing at inference."""

import keras

from trainer.config import TrainConfig
from trainer.noise import WHITE, RandomNoise


def augment(pixels: keras.KerasTensor, config: TrainConfig) -> keras.KerasTensor:
    """Change float `[N, S, S, C]` in 0..255: flip, rotation, shift, zoom, brightness, contrast, noise.

    What comes into view at an edge is filled with the nearest value.
    """
    x = pixels
    for layer in _layers(config):
        x = layer(x)
    return x


def _layers(config: TrainConfig) -> list[keras.layers.Layer]:
    """Return the layers in their order, each with a seed of its own; in float32 also under mixed precision."""
    seed, layers = config.seed, keras.layers
    edge = {"fill_mode": "nearest", "dtype": "float32"}
    value = {"value_range": (0, WHITE), "dtype": "float32"}
    chosen = [
        layers.RandomRotation(config.rotation, seed=seed + 1, **edge),
        layers.RandomTranslation(config.translation, config.translation, seed=seed + 2, **edge),
        layers.RandomZoom(config.zoom, seed=seed + 3, **edge),
        layers.RandomBrightness(config.brightness, seed=seed + 4, **value),
        layers.RandomContrast(config.contrast, seed=seed + 5, **value),
    ]
    if config.flip != "none":
        chosen.insert(0, layers.RandomFlip(config.flip, seed=seed, dtype="float32"))
    if config.noise:
        chosen.append(RandomNoise(config.noise, seed=seed + 6, dtype="float32"))
    return chosen
