"""The network that is trained: augmentation, smoothing, scaling, backbone, head."""

import keras

from trainer.config import TrainConfig
from trainer.network.augmentation import augment, augment_both
from trainer.network.backbones import backbone_of, build_backbone
from trainer.network.heads import add_head
from trainer.network.smoothing import Smoothing
from trainer.network.tumour_map import MapLoss, tumour_map_of


def build_network(config: TrainConfig, class_count: int) -> keras.Model:
    """Return a model from float `[N, S, S, C]` in 0..255 to logits; with `mask_loss` it takes masks beside the images.

    The batch norms of a backbone with given weights run in inference mode, those of one trained from scratch as usual.
    """
    backbone = build_backbone(config.backbone, config.size, config.weights)
    recipe = backbone_of(config.backbone)
    pixels = keras.Input((config.size, config.size, config.channels), name="image")
    if config.mask_loss:
        masks = keras.Input((config.size, config.size, 1), name="mask")
        changed, moved = augment_both(pixels, masks, config)
    else:
        changed = augment(pixels, config)
    x = keras.layers.Identity(name="augmented")(changed)
    if config.smooths:
        x = Smoothing(name="smoothing", dtype="float32")(x)
    if config.channels == 1:
        x = keras.layers.Concatenate()([x, x, x])
    x = keras.layers.Rescaling(recipe.scaling.scale, recipe.scaling.offset, name="scaling")(x)
    features = backbone(x) if config.from_scratch else backbone(x, training=False)
    if not config.mask_loss:
        return keras.Model(pixels, add_head(features, config.head, class_count, config.dropout))
    tumour_map = tumour_map_of(features)
    logits = add_head(features, config.head, class_count, config.dropout, tumour_map)
    with_loss = MapLoss(config.mask_loss, name="map_loss", dtype="float32")((logits, tumour_map, moved))
    return keras.Model([pixels, masks], with_loss)


def behind_augmentation(network: keras.Model) -> keras.Model:
    """Return what of a network of `build_network` predicts, from images alone to logits; it shares its weights."""
    return keras.Model(network.get_layer("augmented").output, network.get_layer("logits").output)
