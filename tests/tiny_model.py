"""A model of a few operations that obeys the contract of DESIGN section 2, for tests only.

Its probabilities depend on where the image is bright. Its novelty is four times the distance of the mean intensity from
one quarter: a bright image is refused, a dark one is not.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE = 32
CLASSES = ("glioma", "meningioma", "no_tumor", "pituitary")


def card(**changes: Any) -> dict[str, Any]:
    """Return a valid card as JSON data, with `changes` at its top level."""
    return {
        "card_schema": 1,
        "name": "tiny",
        "version": "0.0.1",
        "task": "classification",
        "classes": [{"name": name, "tumour": name != "no_tumor", "concept": None} for name in CLASSES],
        "preprocess": {"size": SIZE, "channels": 1, "resize": "stretch", "crop": "none", "crop_margin": 0.02},
        "backbone": "none",
        "head": "linear",
        "thresholds": {"uncertain": 0.3, "novelty": 1.0, "conformal": 0.1},
        "training_data": {
            "sources": {},
            "content_sha256": hashlib.sha256(b"").hexdigest(),
            "split_method": "none",
            "recipe": "",
            "citations": [],
        },
        "metrics": {},
        "libraries": {"onnx": onnx.__version__},
        "command": "tests/tiny_model.py",
        "date": "2026-01-01",
        "licence": "Apache-2.0",
        "intended_use": "tests",
        "disclaimer": "Research use only. Not for diagnostic use.",
        **changes,
    }


def write_model(path: Path, card_json: str | None = None, *, size: int = SIZE, work: int = 0, seed: int = 7) -> Path:
    """Write the model; `card_json` "" leaves the card out, `work` multiplies 1024 x 1024 matrices for slowness.

    The weights are drawn from `seed`.
    """
    model = helper.make_model(
        _graph(size, work, seed), opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="tiny_model"
    )
    text = json.dumps(card()) if card_json is None else card_json
    if text:
        helper.set_model_props(model, {"card": text})
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def _graph(size: int, work: int, seed: int) -> onnx.GraphProto:
    count = len(CLASSES)
    constants = {
        "scale": np.float32(1 / 255),
        "weights": np.random.default_rng(seed).normal(0, 0.02, (size * size, count)).astype(np.float32),
        "quarter": np.float32(0.25),
        "four": np.float32(4),
        "classes": np.ones((1, 1, 1, count), np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["float_image"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float_image", "scale"], ["pixels"]),
        helper.make_node("Flatten", ["pixels"], ["features_0"], axis=1),
        *_slow_nodes(work),
        helper.make_node("MatMul", [f"features_{work}", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
        helper.make_node("ReduceMean", ["pixels"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Sub", ["mean", "quarter"], ["difference"]),
        helper.make_node("Abs", ["difference"], ["distance"]),
        helper.make_node("Mul", ["distance", "four"], ["novelty"]),
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Transpose", ["pooled"], ["cells"], perm=[0, 2, 3, 1]),
        helper.make_node("Mul", ["cells", "classes"], ["heatmap"]),
    ]
    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    if work:
        initializers.append(numpy_helper.from_array(np.eye(size * size, dtype=np.float32), "identity"))
    return helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", size, size, 1])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", count]),
            helper.make_tensor_value_info("heatmap", TensorProto.FLOAT, ["N", size // 8, size // 8, count]),
            helper.make_tensor_value_info("novelty", TensorProto.FLOAT, ["N"]),
        ],
        initializers,
    )


def _slow_nodes(work: int) -> list[onnx.NodeProto]:
    """Multiply by the identity: about 0.1 ms each, and the result stays what it was."""
    return [helper.make_node("MatMul", [f"features_{n}", "identity"], [f"features_{n + 1}"]) for n in range(work)]
