"""The served graph computes what the network, Grad-CAM and the novelty model are defined to be."""

from dataclasses import dataclass

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.grad_cam import grad_cam, hi_res_cam
from tests.trainer.networks import tiny_config, trained_looking
from tests.trainer.pictures import pictures
from trainer.config import TrainConfig
from trainer.export.feature_graph import FeatureGraph
from trainer.export.inference_graph import InferenceGraph
from trainer.export.novelty import NoveltyModel, fit_novelty
from trainer.fitting.calibration import probabilities_of
from trainer.network.building import behind_augmentation

TEMPERATURE = 1.7
COUNT = 12


@dataclass(frozen=True)
class Case:
    """A network, its images and what the graph says of them."""

    network: keras.Model
    images: np.ndarray
    texture: np.ndarray
    novelty: NoveltyModel
    outputs: dict[str, np.ndarray]

    @property
    def as_float(self) -> np.ndarray:
        return self.images.astype(np.float32)


def make_case(config: TrainConfig, class_count: int) -> Case:
    network = trained_looking(config, class_count)
    images = pictures(COUNT * config.channels, config.size).reshape(COUNT, config.channels, config.size, config.size)
    images = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
    features = FeatureGraph(network, config)
    texture = features.textures(images, np.arange(COUNT))
    novelty = fit_novelty(texture[: COUNT - 4], texture[COUNT - 4 :], components=3)
    graph = InferenceGraph(features, network, config, TEMPERATURE, novelty)
    outputs = {name: value.numpy() for name, value in graph(tf.constant(images)).items()}
    return Case(network, images, texture, novelty, outputs)


CASES = [
    {"backbone": "tiny", "channels": channels, "head": head, "size": size, "class_count": class_count}
    for channels, class_count in ((1, 2), (1, 4), (3, 2), (3, 4))
    for head in ((), (8,), (8, 5))
    for size in (32, 33, 37)
] + [
    {"backbone": "mobilenet_v2", "channels": 1, "head": (16,), "size": 32, "class_count": 4},
    {"backbone": "mobilenet_v2", "channels": 3, "head": (16, 8), "size": 37, "class_count": 2},
    {"backbone": "mobilenet_v2", "channels": 1, "head": (8,), "size": 65, "class_count": 2},
    {"backbone": "tiny", "channels": 1, "head": (), "size": 33, "class_count": 2, "mask_loss": 1.0},
    {"backbone": "tiny", "channels": 3, "head": (8,), "size": 32, "class_count": 4, "mask_loss": 1.0},
    {"backbone": "tiny", "channels": 1, "head": (8, 5), "size": 37, "class_count": 4, "mask_loss": 1.0},
]


@pytest.fixture(scope="module", params=CASES, ids=lambda values: "-".join(map(str, values.values())))
def case(request: pytest.FixtureRequest, tiny_backbone: str) -> Case:
    values = dict(request.param)
    class_count = values.pop("class_count")
    return make_case(tiny_config(**values), class_count)


def test_probabilities_are_those_of_keras_at_the_temperature(case: Case) -> None:
    logits = np.asarray(behind_augmentation(case.network)(case.as_float, training=False), np.float64)

    assert logits.std(axis=0).max() > 0.01, "images that all look alike prove nothing"
    assert case.outputs["probabilities"].dtype == np.float32
    assert case.outputs["probabilities"] == pytest.approx(probabilities_of(logits, TEMPERATURE), abs=2e-6)


def test_the_heat_map_is_hi_res_cam_and_without_a_tumour_map_grad_cam(case: Case) -> None:
    expected = hi_res_cam(case.network, case.as_float)
    if "attended" not in {layer.name for layer in case.network.layers}:
        assert grad_cam(case.network, case.as_float) == pytest.approx(expected, abs=1e-4)

    assert expected.max() > 0.99, "a dead head shows nothing"
    assert case.outputs["heatmap"].shape == expected.shape
    assert case.outputs["heatmap"] == pytest.approx(expected, abs=2e-4)
    assert case.outputs["heatmap"].min() >= 0 and case.outputs["heatmap"].max() <= 1


def test_the_novelty_is_that_of_the_novelty_model(case: Case) -> None:
    assert case.outputs["novelty"].shape == (COUNT,)
    assert case.outputs["novelty"] == pytest.approx(case.novelty.distance(case.texture), rel=5e-3, abs=1e-3)
