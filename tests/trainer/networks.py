"""A backbone of two convolutions, so that a test fits and exports in a second; networks that behave as if trained."""

from pathlib import Path

import keras
import numpy as np

from tests.trainer.pictures import pictures
from trainer.backbones import BACKBONES, Backbone
from trainer.config import TrainConfig, make_config
from trainer.input_scaling import TO_PLUS_MINUS_ONE
from trainer.network import build_network

FEATURES = 8


def build_tiny_backbone(
    include_top: bool, weights: str | None, input_shape: tuple[int, int, int], name: str
) -> keras.Model:
    """Build a model with the signature of keras.applications."""
    pixels = x = keras.Input(input_shape)
    for number, width in ((1, 4), (2, FEATURES)):
        x = keras.layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False, name=f"Conv{number}")(x)
        x = keras.layers.BatchNormalization(name=f"bn_Conv{number}")(x)
        x = keras.layers.ReLU(6.0, name=f"Conv{number}_relu")(x)
    return keras.Model(pixels, x, name=name)


TINY_BACKBONE = Backbone(
    build_tiny_backbone,
    TO_PLUS_MINUS_ONE,
    stem="Conv1",
    texture_layers=("Conv1_relu", "bn_Conv2"),
)


STILL = {"flip": "none", **dict.fromkeys(("rotation", "zoom", "translation", "brightness", "contrast"), 0.0)}


def tiny_config(**values: object) -> TrainConfig:
    """Return a configuration of the tiny backbone; `values` override it."""
    defaults = {"backbone": "tiny", "fine_tune_from": "Conv2", "weights": "none", "size": 32, "head": (8,)}
    return make_config({**defaults, "batch_size": 8, "frozen_epochs": 2, "fine_tune_epochs": 2, **values})


def trained_looking(config: TrainConfig, class_count: int, seed: int = 0) -> keras.Model:
    """Return a network whose features tell images apart, with biases that are not trivial."""
    keras.utils.set_random_seed(seed)
    network = build_network(config, class_count)
    generator = np.random.default_rng(seed)
    for variable in network.get_layer("backbone").weights:
        if variable.name == "kernel":
            variable.assign(variable * generator.uniform(3, 5, variable.shape[-1:]))
    for variable in network.weights:
        if variable.name == "bias":
            variable.assign(generator.normal(0.2, 0.1, variable.shape))
    return network


def published_weights(backbone: str, path: Path, size: int) -> Path:
    """Write weights as ImageNet training would leave them: batch norms that suit the activations, nothing trivial."""
    network, body = _as_published(backbone, size)
    generator = np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
            for variable in layer.trainable_weights:
                variable.assign(generator.uniform(0.7, 1.3, variable.shape) - (variable.name == "beta"))
        elif isinstance(layer, keras.layers.Conv2D) and layer.use_bias:
            layer.kernel.assign(generator.normal(0, np.sqrt(2 / np.prod(layer.kernel.shape[:3])), layer.kernel.shape))
            layer.bias.assign(generator.normal(0, 0.1, layer.bias.shape))
    scaling = BACKBONES[backbone].scaling
    images = pictures(16 * 3, size).reshape(16, 3, size, size).transpose(0, 2, 3, 1)
    body((images * scaling.scale + scaling.offset).astype(np.float32), training=True)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):  # so that no channel is blown up on other images
            layer.moving_variance.assign(np.maximum(layer.moving_variance, np.mean(layer.moving_variance)))
    network.save_weights(path)
    return path


def _as_published(backbone: str, size: int) -> tuple[keras.Model, keras.Model]:
    """Return the network of keras.applications, and what of it comes behind the scaling."""
    shape = {"weights": None, "include_top": False, "input_shape": (size, size, 3)}
    if backbone != "efficientnet_b0":
        network = BACKBONES[backbone].build(**shape, name="published")
        return network, network
    network = keras.applications.EfficientNetB0(**shape)
    return network, keras.Model(network.get_layer("stem_conv_pad").input, network.output)
