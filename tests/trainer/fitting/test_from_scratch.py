"""A network without given weights: there is no frozen phase, and its batch norms follow the batches."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from service.classifier import Classifier
from tests.trainer.export.test_onnx_file import card_of
from tests.trainer.fitting.test_phases import CLASSES, make_data, run
from tests.trainer.networks import tiny_config
from trainer.errors import ConfigError
from trainer.export.feature_graph import FeatureGraph
from trainer.export.inference_graph import InferenceGraph
from trainer.export.novelty import fit_novelty
from trainer.export.onnx_file import convert, save
from trainer.fitting.calibration import probabilities_of
from trainer.fitting.phases import fit
from trainer.network.building import behind_augmentation

pytestmark = pytest.mark.usefixtures("tiny_backbone")

NORMS = {"custom_cnn": 4, "tiny": 2}


def scratch(backbone: str, **values: Any) -> Any:
    given = {"fine_tune_from": "all", "frozen_epochs": 1, "fine_tune_epochs": 1, **values}
    return tiny_config(backbone=backbone, weights="none", **given)


@pytest.mark.parametrize("backbone", NORMS)
def test_it_is_trained_as_a_whole_on_batch_statistics_without_a_frozen_phase(backbone: str, tmp_path: Path) -> None:
    ended = run(tmp_path, scratch(backbone, cache_features=True), make_data())

    layers = ended.network.get_layer("backbone").layers
    norms = [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert [row["phase"] for row in ended.progress.history] == [1]
    assert len(norms) == NORMS[backbone]
    for norm in norms:
        assert np.abs(norm.moving_mean).max() > 0, "the statistics follow the batches"
        assert np.abs(norm.gamma - 1).max() > 0, "scale and shift are trained"


@pytest.mark.parametrize("backbone", NORMS)
def test_the_file_that_is_served_says_what_keras_says(backbone: str, tmp_path: Path) -> None:
    config, data = scratch(backbone), make_data()
    network = behind_augmentation(run(tmp_path / "fit", config, data).network)
    features = FeatureGraph(network, config)
    texture = features.textures(data.pixels, data.train)
    novelty = fit_novelty(texture, texture, components=2)

    graph = InferenceGraph(features, network, config, 1.0, novelty)
    save(convert(graph, card_of(config, CLASSES)), tmp_path / "model.onnx")

    logits = np.asarray(network(data.pixels.astype(np.float32), training=False), np.float64)
    scores = Classifier(tmp_path / "model.onnx").score(data.pixels)
    assert scores.probabilities == pytest.approx(probabilities_of(logits, 1.0), abs=1e-4)


@pytest.mark.parametrize("backbone", NORMS)
def test_its_layers_cannot_be_kept_as_they_are(backbone: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="all is trained from scratch; fine_tune_from must be 'all'"):
        fit(make_data(), scratch(backbone, fine_tune_from="block2"), tmp_path)
