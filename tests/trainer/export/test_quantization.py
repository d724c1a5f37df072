"""Static int8 quantisation."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest

from service.classifier import Classifier
from tests.tiny_model import SIZE
from tests.trainer.conv_model import write_conv_model
from tests.trainer.pictures import pictures
from trainer.export.onnx_file import save, with_card
from trainer.export.quantization import chosen_nodes, quantize


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_conv_model(tmp_path_factory.mktemp("model") / "model.onnx")


@pytest.mark.parametrize(
    ("share", "convolutions"),
    [(0.0, {"stem", "expand", "project", "last"}), (0.25, {"expand", "project", "last"}), (0.75, {"last"})],
)
def test_the_convolutions_nearest_to_the_image_stay_float(source: Path, share: float, convolutions: set[str]) -> None:
    graph = onnx.load(source).graph
    kinds = {node.name: node.op_type for node in graph.node}

    chosen = chosen_nodes(graph, share)

    assert {name for name in chosen if kinds[name] == "Conv"} == convolutions


def test_head_heat_map_and_novelty_stay_float(source: Path) -> None:
    chosen = set(chosen_nodes(onnx.load(source).graph, 0.0))

    assert not chosen & {"head", "softmax", "level", "novelty", "positions", "evidence", "heatmap"}
    assert {"residual", "stem_relu6"} <= chosen


def test_weights_have_a_scale_for_each_channel_and_the_outputs_stay_close(source: Path, tmp_path: Path) -> None:
    images = pictures(24, SIZE)
    model = quantize(source, images, 0.25)
    path = tmp_path / "int8.onnx"
    save(with_card(model, Classifier(source).card), path)
    kinds = Counter(node.op_type for node in model.graph.node)
    scales = [tensor for tensor in model.graph.initializer if "kernel" in tensor.name and "scale" in tensor.name]

    before, after = Classifier(source).score(images, True), Classifier(path).score(images, True)

    assert kinds["QuantizeLinear"] > 0 and kinds["DequantizeLinear"] >= 6
    assert [list(tensor.dims) for tensor in scales] == [[8]] * 3
    assert np.abs(before.probabilities - after.probabilities).max() < 0.05
    assert not np.array_equal(before.probabilities, after.probabilities)
    assert np.abs(before.novelty - after.novelty).max() < 0.02
    assert before.heatmap is not None and after.heatmap is not None
    assert np.abs(before.heatmap - after.heatmap).mean() < 0.02


def test_the_file_needs_no_operators_but_standard_ones(source: Path) -> None:
    model = quantize(source, pictures(8, SIZE), 0.25)

    assert {opset.domain for opset in model.opset_import} == {""}
