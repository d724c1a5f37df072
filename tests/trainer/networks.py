"""A backbone of two convolutions, so that a test fits and exports in a second; networks that behave as if trained."""

import keras
import numpy as np

from trainer.backbones import Backbone
from trainer.config import TrainConfig, make_config
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
    scale=1 / 127.5,
    offset=-1.0,
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
