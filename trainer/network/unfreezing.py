"""Which layers of a backbone are fine-tuned."""

import keras

from trainer.errors import ConfigError

ALL = "all"


def unfreeze_from(backbone: keras.Model, first: str) -> None:
    """Make the layers from `first` on trainable, all others and every batch norm that could not be folded frozen.

    `first` names a layer, or a block such as `block5` by the beginning of its layers' names, or is 'all'. Only a batch
    norm that is not trainable stays in inference mode: Keras 3 passes `training=True` of `fit` on to the layers of a
    nested model, whatever it was called with. Raises ConfigError for an unknown layer.
    """
    start = first_trained(backbone, first)
    backbone.trainable = True
    for position, layer in enumerate(backbone.layers):
        layer.trainable = position >= start and not isinstance(layer, keras.layers.BatchNormalization)


def first_trained(backbone: keras.Model, first: str) -> int:
    """Return the position of the layer or block `first`; raises ConfigError naming some that there are."""
    if first == ALL:
        return 0
    names = [layer.name for layer in backbone.layers]
    for position, name in enumerate(names):
        if name == first or name.startswith(f"{first}_"):
            return position
    raise ConfigError(
        f"fine_tune_from '{first}' is no layer of the backbone; try one of {', '.join(names[1::20])}, or 'all'"
    )
