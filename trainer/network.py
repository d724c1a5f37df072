"""The network that is trained: augmentation, scaling, backbone, head."""

import keras

from trainer.augmentation import augment
from trainer.backbones import backbone_of, build_backbone
from trainer.config import TrainConfig
from trainer.heads import add_head


def build_network(config: TrainConfig, class_count: int) -> keras.Model:
    """Return a model from float `[N, S, S, C]` in 0..255 to logits.

    The batch norms of a pretrained backbone run in inference mode, those of one trained from scratch as usual.
    """
    backbone = build_backbone(config.backbone, config.size, config.weights)
    recipe = backbone_of(config.backbone)
    pixels = keras.Input((config.size, config.size, config.channels), name="image")
    x = keras.layers.Identity(name="augmented")(augment(pixels, config))
    if config.channels == 1:
        x = keras.layers.Concatenate()([x, x, x])
    x = keras.layers.Rescaling(recipe.scaling.scale, recipe.scaling.offset, name="scaling")(x)
    features = backbone(x, training=False) if recipe.pretrained else backbone(x)
    return keras.Model(pixels, add_head(features, config.head, class_count, config.dropout))
