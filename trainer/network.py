"""The network that is trained: augmentation, rescaling, backbone, head."""

import keras

from trainer.augmentation import augment
from trainer.backbones import backbone_of, build_backbone
from trainer.config import TrainConfig
from trainer.heads import add_head


def build_network(config: TrainConfig, class_count: int) -> keras.Model:
    """Return a model from float `[N, S, S, C]` in 0..255 to logits; batch norms run in inference mode."""
    backbone = build_backbone(config.backbone, config.size, config.weights)
    recipe = backbone_of(config.backbone)
    pixels = keras.Input((config.size, config.size, config.channels), name="image")
    x = keras.layers.Identity(name="augmented")(augment(pixels, config))
    x = keras.layers.Rescaling(recipe.scale, recipe.offset)(x)
    if config.channels == 1:
        x = keras.layers.Concatenate()([x, x, x])
    features = backbone(x, training=False)
    return keras.Model(pixels, add_head(features, config.head, class_count, config.dropout))
