"""A backbone of two convolutions, so that a test fits and exports in a second; networks that behave as if trained."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from tests.trainer.pictures import pictures
from trainer.config import TrainConfig, make_config
from trainer.network.backbones import BACKBONES, Backbone
from trainer.network.building import build_network
from trainer.network.input_scaling import TO_PLUS_MINUS_ONE, InputScaling

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


_FOLDER = TemporaryDirectory(prefix="weights-")


@cache
def weights_file(name: str) -> str:
    """Return a file of random weights, which stand for published ones: what starts from a file is not from scratch."""
    backbone = TINY_BACKBONE if name == "tiny" else BACKBONES[name]
    path = Path(_FOLDER.name) / f"{name}.weights.h5"
    shape = (backbone.min_size, backbone.min_size, 3)
    backbone.build(include_top=False, weights=None, input_shape=shape, name="made").save_weights(path)
    return str(path)


STILL = {"flip": "none", **dict.fromkeys(("rotation", "zoom", "translation", "brightness", "contrast"), 0.0)}


def tiny_config(**values: object) -> TrainConfig:
    """Return a configuration of the tiny backbone; `values` override it."""
    defaults = {"backbone": "tiny", "fine_tune_from": "Conv2", "size": 32, "head": (8,)}
    if "weights" not in values:
        values["weights"] = weights_file(str(values.get("backbone", "tiny")))
    return make_config({**defaults, "batch_size": 8, "frozen_epochs": 2, "fine_tune_epochs": 2, **values})


def trained_looking(config: TrainConfig, class_count: int, seed: int = 0) -> keras.Model:
    """Return a network whose features tell images apart, with biases that are not trivial."""
    keras.utils.set_random_seed(seed)
    network = build_network(config, class_count)
    generator = np.random.default_rng(seed)
    for variable in network.get_layer("backbone").weights:
        if variable.name == "kernel":
            variable.assign(variable * generator.uniform(2, 4, variable.shape[-1:]))
    for variable in network.weights:
        if variable.name == "bias":
            variable.assign(generator.normal(0.2, 0.1, variable.shape))
    return network


def published(backbone: str, size: int, path: Path) -> keras.Model:
    """Write weights as ImageNet training would leave them; return what of the network comes behind the scaling."""
    options = {"weights": None, "include_top": False, "input_shape": (size, size, 3)}
    if backbone == "efficientnet_b0":
        network = keras.applications.EfficientNetB0(**options)
        body = keras.Model(network.get_layer("stem_conv_pad").input, network.output)
    else:
        network = body = BACKBONES[backbone].build(**options, name="published")
    settle(body, BACKBONES[backbone].scaling, size)
    network.save_weights(path)
    return body


def settle(network: keras.Model, scaling: InputScaling, size: int) -> None:
    """Give weights that are not trivial, and batch norms that suit the activations."""
    generator = np.random.default_rng(0)
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D) and layer.use_bias:
            layer.kernel.assign(generator.normal(0, np.sqrt(2 / np.prod(layer.kernel.shape[:3])), layer.kernel.shape))
            layer.bias.assign(generator.normal(0, 0.1, layer.bias.shape))
    for norm in norms:
        norm.momentum = 0.0
        for variable in norm.trainable_weights:
            variable.assign(generator.uniform(0.7, 1.3, variable.shape) - (variable.name == "beta"))
    images = pictures(16 * 3, size).reshape(16, 3, size, size).transpose(0, 2, 3, 1)
    network((images * scaling.scale + scaling.offset).astype(np.float32), training=True)
    for norm in norms:  # so that no channel is blown up on other images
        norm.moving_variance.assign(np.maximum(norm.moving_variance, np.mean(norm.moving_variance)))
