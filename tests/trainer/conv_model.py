"""A small convolutional model that obeys the contract, with a residual block to quantise."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.tiny_model import CLASSES, SIZE, card

CONVOLUTIONS = ("stem", "expand", "project", "last")
_WIDTH = 8


def write_conv_model(path: Path, spread: float = 1.0) -> Path:
    """Write the model; `spread` makes the scales of the channels differ, which hurts a single scale for all of them."""
    model = helper.make_model(_graph(spread), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"card": json.dumps(card(metrics={"test": {"overall": {"accuracy": 0.5}}}))})
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path


def _graph(spread: float) -> onnx.GraphProto:
    generator = np.random.default_rng(3)
    shapes = {"stem": (_WIDTH, 1, 3, 3)} | dict.fromkeys(CONVOLUTIONS[1:], (_WIDTH, _WIDTH, 3, 3))
    weights = {f"{name}_kernel": generator.normal(0, 0.3, shape) for name, shape in shapes.items()}
    weights["stem_kernel"] = weights["stem_kernel"] / 127.5 * np.geomspace(1, spread, _WIDTH)[:, None, None, None]
    weights |= {
        "head": generator.normal(0, 2, (_WIDTH, len(CLASSES))),
        "low": np.float32(0),
        "high": np.float32(6),
        "tenth": np.float32(0.1),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], "cast", to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["pixels"], ["planes"], "transpose", perm=[0, 3, 1, 2]),
        *_convolution("stem", "planes", 2),
        *_convolution("expand", "stem_out", 1),
        *_convolution("project", "expand_out", 1),
        helper.make_node("Add", ["stem_out", "project_out"], ["block"], "residual"),
        *_convolution("last", "block", 2),
        helper.make_node("ReduceMean", ["last_out"], ["pooled"], "pool", axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["pooled", "head"], ["logits"], "head"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], "softmax", axis=-1),
        helper.make_node("ReduceMean", ["block"], ["level"], "level", axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["level", "tenth"], ["novelty"], "novelty"),
        helper.make_node("Transpose", ["last_out"], ["positions"], "positions", perm=[0, 2, 3, 1]),
        helper.make_node("MatMul", ["positions", "head"], ["evidence"], "evidence"),
        helper.make_node("Sigmoid", ["evidence"], ["heatmap"], "heatmap"),
    ]
    cells = SIZE // 4
    return helper.make_graph(
        nodes,
        "convolutional",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", SIZE, SIZE, 1])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(CLASSES)]),
            helper.make_tensor_value_info("heatmap", TensorProto.FLOAT, ["N", cells, cells, len(CLASSES)]),
            helper.make_tensor_value_info("novelty", TensorProto.FLOAT, ["N"]),
        ],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in weights.items()],
    )


def _convolution(name: str, given: str, stride: int) -> list[onnx.NodeProto]:
    return [
        helper.make_node(
            "Conv", [given, f"{name}_kernel"], [f"{name}_sum"], name, strides=[stride, stride], pads=[1, 1, 1, 1]
        ),
        helper.make_node("Clip", [f"{name}_sum", "low", "high"], [f"{name}_out"], f"{name}_relu6"),
    ]
