"""The convolutional networks under the head."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from trainer.errors import ConfigError
from trainer.folding import fold_batch_norms


@dataclass(frozen=True)
class Backbone:
    """How one network of keras.applications is built and fed.

    Its input is `pixels * scale + offset`; `stem` names its first convolution, into which the export folds that.
    `texture_layers` are those whose channel means tell how novel an image is.
    """

    build: Any
    scale: float
    offset: float
    stem: str
    texture_layers: tuple[str, ...]


BACKBONES = {
    "mobilenet_v2": Backbone(
        keras.applications.MobileNetV2,
        scale=1 / 127.5,
        offset=-1.0,
        stem="Conv1",
        texture_layers=("block_2_add", "block_5_add", "block_9_add", "block_12_add"),
    ),
}


def backbone_of(name: str) -> Backbone:
    """Look a network up; raises ConfigError naming those there are."""
    if name not in BACKBONES:
        raise ConfigError(f"backbone '{name}' is unknown; there are {', '.join(BACKBONES)}")
    return BACKBONES[name]


def build_backbone(name: str, size: int, weights: str) -> keras.Model:
    """Build a network without its top, RGB `[N, size, size, 3]` -> features `[N, h, w, F]`, its batch norms folded.

    `weights` is 'imagenet' (downloads), 'none' or a path. Raises ConfigError when they cannot be had or do not fit.
    """
    backbone = backbone_of(name)
    if weights not in ("imagenet", "none") and not Path(weights).is_file():
        raise ConfigError(f"weights '{weights}': no such file; give a path, 'imagenet' or 'none'")
    try:
        network = backbone.build(
            include_top=False,
            weights=None if weights == "none" else weights,
            input_shape=(size, size, 3),
            name="backbone",
        )
    except Exception as error:  # keras raises bare Exception when a download fails
        cause = " ".join(str(error).split())[:200]
        raise ConfigError(f"weights '{weights}' cannot be loaded into {name}: {cause}") from error
    return fold_batch_norms(network)


def unfreeze_from(backbone: keras.Model, first: str) -> None:
    """Make the layers from `first` on trainable, all others and every batch norm that could not be folded frozen.

    Only a batch norm that is not trainable stays in inference mode: Keras 3 passes `training=True` of `fit` on to the
    layers of a nested model, whatever it was called with. Raises ConfigError for an unknown layer.
    """
    names = [layer.name for layer in backbone.layers]
    if first not in names:
        raise ConfigError(f"fine_tune_from '{first}' is no layer of the backbone; try one of {', '.join(names[1::20])}")
    backbone.trainable = True
    for position, layer in enumerate(backbone.layers):
        frozen = position < names.index(first) or isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = not frozen
