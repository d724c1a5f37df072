"""Parameters and multiply-accumulates of a graph: by hand, and as published."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.tiny_model import write_model
from trainer.comparison.graph_cost import graph_cost
from trainer.errors import ExportError

V2_BLOCKS = (
    *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
    *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
)
"""Expansion, channels, repeats, stride of MobileNetV2 (Sandler et al. 2018, table 2)."""


class Graph:
    """A graph under construction; `x` is the name of its last value, all weights are zero."""

    def __init__(self, *shape: int | str) -> None:
        self.shape, self.x = shape, "image"
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, operation: str, *weights: tuple[int, ...], **attributes: object) -> "Graph":
        names = [f"{operation}_{len(self.nodes)}_{place}" for place in range(len(weights))]
        self.weights += [
            numpy_helper.from_array(np.zeros(s, np.float32), n) for n, s in zip(names, weights, strict=True)
        ]
        self.nodes.append(helper.make_node(operation, [self.x, *names], [f"x{len(self.nodes)}"], **attributes))
        self.x = self.nodes[-1].output[0]
        return self

    def conv(self, given: int, out: int, kernel: int = 1, stride: int = 1, group: int = 1) -> "Graph":
        pads = [kernel // 2] * 4
        shapes = ((out, given // group, kernel, kernel), (out,))
        return self.add("Conv", *shapes, strides=[stride, stride], pads=pads, group=group)

    def write(self, path: Path) -> Path:
        end = helper.make_node("Softmax", [self.x], ["probabilities"])
        given = helper.make_tensor_value_info("image", TensorProto.FLOAT, self.shape)
        made = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, None)
        graph = helper.make_graph([*self.nodes, end], "made", [given], [made], self.weights)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
        return path


def test_convolutions_and_matrices_by_hand(tmp_path: Path) -> None:
    graph = Graph("N", 3, 8, 8).conv(3, 4, kernel=3, stride=2).conv(4, 4, kernel=3, group=4).conv(4, 6)
    graph.add("GlobalAveragePool").add("Flatten").add("MatMul", (6, 5)).add("Gemm", (5, 2), (2,))

    cost = graph_cost(graph.write(tmp_path / "made.onnx"))

    strided, depthwise, pointwise = 4 * 4 * 4 * 27, 4 * 4 * 4 * 9, 4 * 4 * 6 * 4
    assert cost.macs == strided + depthwise + pointwise + 6 * 5 + 5 * 2
    assert cost.parameters == (108 + 4) + (36 + 4) + (24 + 6) + 30 + (10 + 2)


def test_a_transposed_matrix(tmp_path: Path) -> None:
    graph = Graph(1, 7).add("Gemm", (1, 3), transA=1)

    assert graph_cost(graph.write(tmp_path / "made.onnx")).macs == 7 * 3


def test_mobilenet_v2_as_published(tmp_path: Path) -> None:
    graph, channels = Graph("N", 3, 224, 224).conv(3, 32, kernel=3, stride=2), 32
    for expansion, out, repeats, first in V2_BLOCKS:
        for number in range(repeats):
            wide = expansion * channels
            if expansion > 1:
                graph.conv(channels, wide)
            graph.conv(wide, wide, kernel=3, stride=first if number == 0 else 1, group=wide).conv(wide, out)
            channels = out
    graph.conv(channels, 1280).add("GlobalAveragePool").add("Flatten").add("Gemm", (1280, 1000), (1000,))

    cost = graph_cost(graph.write(tmp_path / "v2.onnx"))

    assert cost.macs == pytest.approx(300e6, rel=0.005)
    assert cost.parameters == pytest.approx(3.4e6, rel=0.03)


def test_only_what_leads_to_the_probabilities_counts(tmp_path: Path) -> None:
    cost = graph_cost(write_model(tmp_path / "model.onnx"))

    assert (cost.macs, cost.parameters) == (32 * 32 * 4, 32 * 32 * 4)


def test_a_shape_that_cannot_be_known_is_an_error(tmp_path: Path) -> None:
    graph = Graph("N", 3, "height", 8).conv(3, 4, kernel=3)

    with pytest.raises(ExportError, match=r"made\.onnx: the shape of 'x0' is not known"):
        graph_cost(graph.write(tmp_path / "made.onnx"))
