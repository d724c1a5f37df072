"""The network that is trained from scratch."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.trainer.fitting.test_phases import make_data, run
from tests.trainer.networks import tiny_config
from trainer.errors import ConfigError
from trainer.fitting.phases import fit
from trainer.network.backbones import build_backbone
from trainer.network.custom_cnn import build_custom_cnn

SCRATCH = {"backbone": "custom_cnn", "fine_tune_from": "all", "frozen_epochs": 1, "fine_tune_epochs": 1}


def test_it_has_the_layers_of_its_kind() -> None:
    network = build_custom_cnn(include_top=False, weights=None, input_shape=(32, 32, 3), name="backbone")

    kinds = [type(layer).__name__ for layer in network.layers[1:]]
    assert kinds == ["Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D", "Dropout"] * 4
    assert network.output_shape == (None, 2, 2, 256)


@pytest.mark.parametrize("weights", ["imagenet", "mine.weights.h5"])
def test_it_takes_no_weights(weights: str) -> None:
    with pytest.raises(ConfigError, match=f"weights is '{weights}'; custom_cnn is trained from scratch and takes 'no"):
        build_backbone("custom_cnn", 32, weights)


def test_it_is_trained_as_a_whole_on_batch_statistics_without_a_frozen_phase(tmp_path: Path) -> None:
    ended = run(tmp_path, tiny_config(**SCRATCH), make_data())

    backbone = ended.network.get_layer("backbone")
    norms = [layer for layer in backbone.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert [row["phase"] for row in ended.progress.history] == [1]
    assert len(norms) == 4
    for norm in norms:
        assert np.abs(norm.moving_mean).max() > 0, "the statistics follow the batches"
        assert np.abs(norm.gamma - 1).max() > 0, "scale and shift are trained"


def test_its_layers_cannot_be_kept_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="custom_cnn is trained from scratch; fine_tune_from must be 'all'"):
        fit(make_data(), tiny_config(**{**SCRATCH, "fine_tune_from": "block2"}), tmp_path)
