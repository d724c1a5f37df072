"""The temperature as the graph holds it."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from tests.tiny_model import write_model
from trainer.evaluation.temperature import temperature_of


def scaled_model(path: Path, operation: str, factor: np.ndarray, constant_first: bool = False) -> Path:
    """The tiny model with `factor` between its logits and its softmax."""
    model = onnx.load(write_model(path))
    softmax = next(node for node in model.graph.node if node.op_type == "Softmax")
    inputs = ["factor", "logits"] if constant_first else ["logits", "factor"]
    position = list(model.graph.node).index(softmax)
    model.graph.node.insert(position, helper.make_node(operation, inputs, ["scaled"]))
    softmax.input[0] = "scaled"
    model.graph.initializer.append(numpy_helper.from_array(factor.astype(np.float32), "factor"))
    onnx.save(model, path)
    return path


@pytest.mark.parametrize(
    ("operation", "factor", "first"), [("Div", 1.6, False), ("Mul", 1 / 1.6, False), ("Mul", 1 / 1.6, True)]
)
def test_it_is_read_from_the_division_before_the_softmax(
    tmp_path: Path, operation: str, factor: float, first: bool
) -> None:
    path = scaled_model(tmp_path / "model.onnx", operation, np.array(factor), first)

    assert temperature_of(path) == pytest.approx(1.6)


def test_a_graph_without_one_has_none(tmp_path: Path) -> None:
    assert temperature_of(write_model(tmp_path / "model.onnx")) is None


def test_a_factor_for_each_class_is_no_temperature(tmp_path: Path) -> None:
    assert temperature_of(scaled_model(tmp_path / "model.onnx", "Mul", np.arange(1, 5))) is None
