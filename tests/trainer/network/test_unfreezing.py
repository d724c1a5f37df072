"""Which layers are fine-tuned."""

import keras
import numpy as np
import pytest

from trainer.errors import ConfigError
from trainer.network.unfreezing import unfreeze_from


@pytest.fixture
def backbone() -> keras.Model:
    pixels = x = keras.Input((8, 8, 3))
    for block in (1, 2, 10):
        x = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name=f"block{block}_conv")(x)
        x = keras.layers.BatchNormalization(name=f"block{block}_norm")(x)
    return keras.Model(pixels, x)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("all", {"block1_conv", "block2_conv", "block10_conv"}),
        ("block1", {"block1_conv", "block2_conv", "block10_conv"}),
        ("block2", {"block2_conv", "block10_conv"}),
        ("block2_norm", {"block10_conv"}),
        ("block10", {"block10_conv"}),
        ("block10_norm", set()),
    ],
)
def test_a_layer_or_a_block_may_be_named_and_no_batch_norm_is_trained(
    backbone: keras.Model, first: str, expected: set[str]
) -> None:
    backbone.trainable = False

    unfreeze_from(backbone, first)

    assert {layer.name for layer in backbone.layers if layer.trainable_weights} == expected


def test_a_batch_norm_that_cannot_be_folded_stays_in_inference_mode(backbone: keras.Model) -> None:
    unfreeze_from(backbone, "all")
    before = backbone.get_weights()

    backbone(np.random.default_rng(0).normal(size=(4, 8, 8, 3)), training=True)

    assert all(np.array_equal(a, b) for a, b in zip(before, backbone.get_weights(), strict=True))


@pytest.mark.parametrize("first", ["block3", "block", "block1_", ""])
def test_an_unknown_layer_is_answered_with_known_ones(backbone: keras.Model, first: str) -> None:
    with pytest.raises(ConfigError, match=f"fine_tune_from '{first}' is no layer of the backbone; try one of block1_c"):
        unfreeze_from(backbone, first)
