"""The network that is trained from scratch."""

import pytest

from trainer.errors import ConfigError
from trainer.network.backbones import build_backbone
from trainer.network.custom_cnn import build_custom_cnn


def test_it_has_the_layers_of_its_kind() -> None:
    network = build_custom_cnn(include_top=False, weights=None, input_shape=(32, 32, 3), name="backbone")

    kinds = [type(layer).__name__ for layer in network.layers[1:]]
    assert kinds == ["Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D", "Dropout"] * 4
    assert network.output_shape == (None, 2, 2, 256)


@pytest.mark.parametrize("weights", ["imagenet", "mine.weights.h5"])
def test_it_takes_no_weights(weights: str) -> None:
    with pytest.raises(ConfigError, match=f"weights is '{weights}'; custom_cnn is trained from scratch and takes 'no"):
        build_backbone("custom_cnn", 32, weights)
