"""The ONNX file does what the network does, or is not written."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from onnx import ModelProto, numpy_helper

from service.classifier import Classifier
from service.model_file import Card, load_model_file
from tests.tiny_model import card as card_values
from tests.trainer.networks import tiny_config, trained_looking
from tests.trainer.pictures import LABELS, pictures
from trainer.config import TrainConfig
from trainer.errors import ExportError
from trainer.export.feature_graph import FeatureGraph
from trainer.export.inference_graph import InferenceGraph
from trainer.export.novelty import NoveltyModel, fit_novelty
from trainer.export.onnx_file import convert, save_checked, with_card
from trainer.fitting.calibration import probabilities_of
from trainer.network.building import behind_augmentation

TEMPERATURE = 1.3
COUNT = 8
SMALL = tiny_config(head=(4,))
CASES = [
    {"backbone": "mobilenet_v2", "channels": 1, "head": (16,), "size": 37, "class_count": 4},
    {"backbone": "mobilenet_v2", "channels": 3, "head": (16, 8), "size": 32, "class_count": 2},
    {"backbone": "tiny", "channels": 3, "head": (), "size": 33, "class_count": 4},
    {"backbone": "tiny", "channels": 1, "head": (8, 5), "size": 64, "class_count": 2},
    {"backbone": "tiny", "channels": 1, "head": (8,), "size": 64, "class_count": 4, "mask_loss": 1.0},
]


@dataclass(frozen=True)
class Exported:
    """A converted model beside what it was converted from."""

    model: ModelProto
    card: Card
    images: np.ndarray
    expected: np.ndarray
    outputs: dict[str, np.ndarray]
    novelty: NoveltyModel


def card_of(config: TrainConfig, class_count: int) -> Card:
    classes = [{"name": name, "tumour": name != "no_tumor", "concept": None} for name in LABELS[:class_count]]
    spec = {"size": config.size, "channels": config.channels, "resize": "stretch", "crop": "none"}
    return Card.model_validate(card_values(classes=classes, preprocess=spec))


def export(config: TrainConfig, class_count: int) -> Exported:
    network = trained_looking(config, class_count)
    shape = (COUNT, config.size, config.size, config.channels)
    images = np.ascontiguousarray(pictures(COUNT * config.channels, config.size).reshape(shape))
    features = FeatureGraph(network, config)
    texture = features.textures(images, np.arange(COUNT))
    novelty = fit_novelty(texture, texture, components=2)
    graph = InferenceGraph(features, network, config, TEMPERATURE, novelty)
    logits = np.asarray(behind_augmentation(network)(images.astype(np.float32), training=False), np.float64)
    card = card_of(config, class_count)
    outputs = {name: value.numpy() for name, value in graph(tf.constant(images)).items()}
    return Exported(convert(graph, card), card, images, probabilities_of(logits, TEMPERATURE), outputs, novelty)


@pytest.fixture(scope="module", params=CASES, ids=lambda values: "-".join(map(str, values.values())))
def exported(request: pytest.FixtureRequest, tiny_backbone: str) -> Exported:
    values = dict(request.param)
    class_count = values.pop("class_count")
    return export(tiny_config(**values), class_count)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.onnx"


def test_all_outputs_are_those_of_the_graph_for_any_number_of_images(exported: Exported, path: Path) -> None:
    save_checked(exported.model, path, exported.images, exported.expected)
    classifier = Classifier(path)

    for count in (1, 3, COUNT):
        scores = classifier.score(exported.images[:count], explain=True)
        assert scores.probabilities == pytest.approx(exported.outputs["probabilities"][:count], abs=1e-5)
        assert scores.heatmap == pytest.approx(exported.outputs["heatmap"][:count], abs=1e-3)
        assert scores.novelty == pytest.approx(exported.outputs["novelty"][:count], rel=1e-2)


def test_the_file_is_one_that_the_service_loads_with_its_card(exported: Exported, path: Path) -> None:
    difference = save_checked(exported.model, path, exported.images, exported.expected)

    assert difference < 1e-5
    assert load_model_file(path).card == exported.card
    assert exported.model.opset_import[0].version >= 17
    Classifier(path).warm_up()


def test_rescaling_and_grey_replication_are_folded_away(exported: Exported) -> None:
    first_convolution = next(node for node in exported.model.graph.node if node.op_type == "Conv")
    weights = {tensor.name: tensor for tensor in exported.model.graph.initializer}
    kernel = numpy_helper.to_array(weights[first_convolution.input[1]])
    before = {
        node.op_type for node in exported.model.graph.node[: list(exported.model.graph.node).index(first_convolution)]
    }

    assert kernel.shape[1] == exported.card.preprocess.channels
    assert before <= {"Cast", "Pad", "AveragePool", "Transpose", "Reshape", "Unsqueeze", "Shape", "Concat"}


@pytest.fixture(scope="module")
def small(tiny_backbone: str) -> Exported:
    return export(SMALL, 4)


@pytest.mark.parametrize("error", [0.01, np.nan, np.inf])
@pytest.mark.parametrize("before", [None, b"an older model"])
def test_a_network_that_differs_is_not_written(small: Exported, path: Path, error: float, before: bytes | None) -> None:
    network = trained_looking(SMALL, 4)
    network.get_layer("logits").bias.assign_add([error, 0, 0, 0])
    graph = InferenceGraph(FeatureGraph(network, SMALL), network, SMALL, TEMPERATURE, small.novelty)
    perturbed = convert(graph, small.card)
    if before:
        path.write_bytes(before)

    with pytest.raises(ExportError, match=r"model.onnx: not written: its probabilities differ from Keras by"):
        save_checked(perturbed, path, small.images, small.expected)

    assert contents(path.parent) == ({"model.onnx": before} if before else {})


def test_a_file_that_the_service_would_refuse_is_not_written(small: Exported, path: Path) -> None:
    model = ModelProto()
    model.CopyFrom(small.model)
    with_card(model, small.card.model_copy(update={"classes": small.card.classes[:3]}))

    with pytest.raises(ExportError, match=r"model.onnx: not written: the service cannot load it: .*'probabilities'"):
        save_checked(model, path, small.images, small.expected)

    assert contents(path.parent) == {}


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_difference_within_the_tolerance_is_reported(small: Exported, path: Path) -> None:
    expected = small.expected.copy()
    expected[3, 1] += 5e-5

    assert save_checked(small.model, path, small.images, expected) == pytest.approx(5e-5, abs=1e-5)
