"""Random changes of the training images, as Keras layers that do nothing at inference."""

from collections.abc import Iterable

import keras

from trainer.config import TrainConfig
from trainer.network.noise import WHITE, RandomNoise


def augment(pixels: keras.KerasTensor, config: TrainConfig) -> keras.KerasTensor:
    """Change float `[N, S, S, C]` in 0..255: flip, rotation, shift, zoom, brightness, contrast, noise.

    What comes into view at an edge is filled with the nearest value.
    """
    return _through(_values(config), _through(_places(config), pixels))


def augment_both(
    pixels: keras.KerasTensor, masks: keras.KerasTensor, config: TrainConfig
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Change images as `augment` does, and move their masks, float `[N, S, S, 1]`, along with them."""
    moved = _through(_places(config), keras.layers.Concatenate()([pixels, masks]))
    return _through(_values(config), moved[..., : config.channels]), moved[..., config.channels :]


def _through(layers: Iterable[keras.layers.Layer], x: keras.KerasTensor) -> keras.KerasTensor:
    for layer in layers:
        x = layer(x)
    return x


def _places(config: TrainConfig) -> list[keras.layers.Layer]:
    """Return the layers that move things, each with a seed of its own; in float32 also under mixed precision."""
    seed, layers = config.seed, keras.layers
    edge = {"fill_mode": "nearest", "dtype": "float32"}
    chosen = [
        layers.RandomRotation(config.rotation, seed=seed + 1, **edge),
        layers.RandomTranslation(config.translation, config.translation, seed=seed + 2, **edge),
        layers.RandomZoom(config.zoom, seed=seed + 3, **edge),
    ]
    flip = layers.RandomFlip(config.flip, seed=seed, dtype="float32") if config.flip != "none" else None
    return [flip, *chosen] if flip else chosen


def _values(config: TrainConfig) -> list[keras.layers.Layer]:
    """Return the layers that change values, likewise."""
    seed, layers = config.seed, keras.layers
    value = {"value_range": (0, WHITE), "dtype": "float32"}
    chosen = [
        layers.RandomBrightness(config.brightness, seed=seed + 4, **value),
        layers.RandomContrast(config.contrast, seed=seed + 5, **value),
    ]
    return [*chosen, RandomNoise(config.noise, seed=seed + 6, dtype="float32")] if config.noise else chosen
