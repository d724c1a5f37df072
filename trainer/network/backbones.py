"""The convolutional networks under the head."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from trainer.errors import ConfigError
from trainer.network.custom_cnn import build_custom_cnn
from trainer.network.efficientnet import build_efficientnet_b0
from trainer.network.folding import fold_batch_norms
from trainer.network.input_scaling import BGR_MINUS_MEAN, STANDARDISED, TO_PLUS_MINUS_ONE, InputScaling


@dataclass(frozen=True)
class Backbone:
    """How one network is built, with a function that has the arguments of keras.applications, and fed.

    `stem` names its first convolution, into which the export folds the scaling. `texture_layers` are those whose
    channel means tell how novel an image is: from an early one to about three quarters of the depth. A network that is
    not `pretrained` has no published weights and is always trained from scratch. `min_size` is the least edge of its
    input in pixels.
    """

    build: Any
    scaling: InputScaling
    stem: str
    texture_layers: tuple[str, ...]
    pretrained: bool = True
    min_size: int = 32


BACKBONES = {
    "mobilenet_v2": Backbone(
        keras.applications.MobileNetV2,
        TO_PLUS_MINUS_ONE,
        stem="Conv1",
        texture_layers=("block_2_add", "block_5_add", "block_9_add", "block_12_add"),
    ),
    "mobilenet": Backbone(
        keras.applications.MobileNet,
        TO_PLUS_MINUS_ONE,
        stem="conv1",
        texture_layers=("conv_pw_1_relu", "conv_pw_3_relu", "conv_pw_5_relu", "conv_pw_11_relu"),
    ),
    "vgg16": Backbone(
        keras.applications.VGG16,
        BGR_MINUS_MEAN,
        stem="block1_conv1",
        texture_layers=("block1_pool", "block2_pool", "block3_pool", "block4_pool"),
    ),
    "resnet50": Backbone(
        keras.applications.ResNet50,
        BGR_MINUS_MEAN,
        stem="conv1_conv",
        texture_layers=("pool1_pool", "conv2_block3_out", "conv3_block4_out", "conv4_block6_out"),
    ),
    "xception": Backbone(
        keras.applications.Xception,
        TO_PLUS_MINUS_ONE,
        stem="block1_conv1",
        texture_layers=("block2_pool", "block3_pool", "block4_pool", "block8_sepconv3_bn"),
        min_size=71,
    ),
    "efficientnet_b0": Backbone(
        build_efficientnet_b0,
        STANDARDISED,
        stem="stem_conv",
        texture_layers=("block2b_add", "block3b_add", "block4c_add", "block5c_add"),
    ),
    "custom_cnn": Backbone(
        build_custom_cnn,
        TO_PLUS_MINUS_ONE,
        stem="block1_conv",
        texture_layers=("block1_pool", "block2_pool", "block3_pool"),
        pretrained=False,
    ),
}


def backbone_of(name: str) -> Backbone:
    """Look a network up; raises ConfigError naming those there are."""
    if name not in BACKBONES:
        raise ConfigError(f"backbone '{name}' is unknown; there are {', '.join(BACKBONES)}")
    return BACKBONES[name]


def build_backbone(name: str, size: int, weights: str) -> keras.Model:
    """Build a network without its top, RGB `[N, size, size, 3]` -> features `[N, h, w, F]`.

    `weights` is 'imagenet' (downloads), 'none' or a path. Batch norms that come with weights are folded. Raises
    ConfigError when the weights cannot be had or do not fit, or when the size is too small.
    """
    recipe = backbone_of(name)
    _check(name, recipe, size, weights)
    try:
        network = recipe.build(
            include_top=False,
            weights=None if weights == "none" else weights,
            input_shape=(size, size, 3),
            name="backbone",
        )
    except Exception as error:  # keras raises bare Exception when a download fails
        cause = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"weights '{weights}' cannot be loaded into {name}: they must be those of this network without its top "
            f"({cause})"
        ) from error
    if recipe.scaling.bgr:
        _turn_channels_round(network.get_layer(recipe.stem))
    return network if weights == "none" else fold_batch_norms(network)


def _check(name: str, recipe: Backbone, size: int, weights: str) -> None:
    if size < recipe.min_size:
        raise ConfigError(f"size is {size}; {name} needs at least {recipe.min_size}")
    if weights != "none" and not recipe.pretrained:
        raise ConfigError(f"weights is '{weights}'; {name} is trained from scratch and takes 'none' only")
    if weights not in ("imagenet", "none") and not Path(weights).is_file():
        raise ConfigError(f"weights '{weights}': no such file; give a path, 'imagenet' or 'none'")


def _turn_channels_round(stem: keras.layers.Conv2D) -> None:
    stem.kernel.assign(stem.kernel.numpy()[:, :, ::-1])
