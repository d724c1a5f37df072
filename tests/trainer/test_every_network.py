"""Every network, grey and colour: the file that is served computes what Keras computes.

MobileNetV2 is in the tests of each part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
import pytest

from service.classifier import Classifier, Scores
from tests.trainer.export.test_onnx_file import card_of
from tests.trainer.grad_cam import grad_cam
from tests.trainer.networks import published, settle, tiny_config
from tests.trainer.pictures import pictures
from trainer.config import TrainConfig
from trainer.export.feature_graph import FeatureGraph
from trainer.export.inference_graph import InferenceGraph
from trainer.export.novelty import NoveltyModel, fit_novelty
from trainer.export.onnx_file import convert, save
from trainer.fitting.calibration import probabilities_of
from trainer.network import building as network_module
from trainer.network.backbones import BACKBONES, build_backbone
from trainer.network.building import build_network
from trainer.network.smoothing import smoothed

COUNT = 6
TEMPERATURE = 1.7
MODES = {
    "mobilenet": "tf",
    "xception": "tf",
    "vgg16": "caffe",
    "resnet50": "caffe",
    "efficientnet_b0": "torch",
}
"""How keras.applications prepares the input of each network."""


@dataclass(frozen=True)
class Case:
    """A network with its images, and what the exported file says of them."""

    config: TrainConfig
    network: keras.Model
    keras_body: keras.Model | None
    images: np.ndarray
    texture: np.ndarray
    novelty: NoveltyModel
    scores: Scores


@pytest.fixture(scope="module", params=[name for name in BACKBONES if name != "mobilenet_v2"])
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, int]]:
    """Give (network, file of its weights, size); both kinds of images share one backbone, to save time."""
    name = request.param
    size = BACKBONES[name].min_size + 4
    path = tmp_path_factory.mktemp(name) / "published.weights.h5"
    bodies[name] = published(name, size, path) if name in MODES else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network_module, "build_backbone", cache(build_backbone))
        yield name, str(path) if name in MODES else "none", size
    path.unlink(missing_ok=True)


bodies: dict[str, keras.Model | None] = {}


@pytest.fixture(scope="module", params=[1, 3], ids=["grey", "colour"])
def case(
    request: pytest.FixtureRequest, weights: tuple[str, str, int], tmp_path_factory: pytest.TempPathFactory
) -> Case:
    name, file, size = weights
    config = tiny_config(backbone=name, weights=file, size=size, channels=request.param, head=(64,))
    keras.utils.set_random_seed(0)
    network = build_network(config, 4)
    if name not in MODES:
        settle(network.get_layer("backbone"), BACKBONES[name].scaling, size)
    images = pictures(COUNT * 3, size).reshape(COUNT, 3, size, size).transpose(0, 2, 3, 1)[..., : config.channels]
    images = np.ascontiguousarray(images)
    images[::2, :2] = 255
    features = FeatureGraph(network, config)
    texture = features.textures(images, np.arange(COUNT))
    novelty = fit_novelty(texture, texture, components=2)
    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    save(convert(InferenceGraph(features, network, config, TEMPERATURE, novelty), card_of(config, 4)), path)
    scores = Classifier(path).score(images, explain=True)
    path.unlink()
    return Case(config, network, bodies[name], images, texture, novelty, scores)


def test_probabilities_are_those_of_keras(case: Case) -> None:
    logits = np.asarray(case.network(case.images.astype(np.float32), training=False), np.float64)

    assert logits.std(axis=0).max() > 1e-3, "images that all look alike prove nothing"
    assert case.scores.probabilities == pytest.approx(probabilities_of(logits, TEMPERATURE), abs=1e-4)


def test_the_heat_map_is_grad_cam(case: Case) -> None:
    expected = grad_cam(case.network, case.images.astype(np.float32))

    assert expected.max() > 0.99, "a dead head shows nothing"
    assert case.scores.heatmap == pytest.approx(expected, abs=2e-3)


def test_the_novelty_is_that_of_the_novelty_model(case: Case) -> None:
    assert case.texture.std(axis=0).max() > 1e-3
    assert case.scores.novelty == pytest.approx(case.novelty.distance(case.texture), rel=1e-2)


@pytest.mark.parametrize("weights", list(MODES), indirect=True)
def test_the_network_is_fed_as_its_published_weights_expect(case: Case) -> None:
    assert case.keras_body is not None
    softened = np.asarray(smoothed(case.images.astype(np.float32)))
    rgb = np.repeat(softened, 3 // case.config.channels, axis=-1)
    mode = MODES[case.config.backbone]
    prepared = keras.applications.imagenet_utils.preprocess_input(rgb, data_format="channels_last", mode=mode)
    expected = np.asarray(case.keras_body(prepared, training=False))

    features = keras.Model(case.network.input, case.network.get_layer("gap").input)
    found = np.asarray(features(case.images.astype(np.float32), training=False))

    assert expected.std(axis=0).max() > 1e-2
    assert found == pytest.approx(expected, rel=1e-3, abs=2e-3 * float(expected.std()))
