"""The temperature that a model file divides its logits by, read from the graph itself."""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def temperature_of(path: Path) -> float | None:
    """Return the T of `softmax(logits / T)` in the model at `path`, or None where the graph holds no such division."""
    graph = onnx.load(path).graph
    makers = {name: node for node in graph.node for name in node.output}
    softmax = makers.get("probabilities")
    while softmax is not None and softmax.op_type == "Identity":
        softmax = makers.get(softmax.input[0])
    scaling = makers.get(softmax.input[0]) if softmax is not None and softmax.op_type == "Softmax" else None
    if scaling is None or scaling.op_type not in ("Mul", "Div"):
        return None
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    factor = next((constants[name] for name in reversed(scaling.input) if name in constants), np.empty(0))
    if factor.size != 1:
        return None
    return float(factor.item()) if scaling.op_type == "Div" else 1 / float(factor.item())
