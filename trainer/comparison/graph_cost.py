"""What one answer of a model file costs, counted in its graph: parameters and multiply-accumulate operations."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import shape_inference

from trainer.errors import ExportError

_ANSWER = "probabilities"
Shapes = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class GraphCost:
    """`parameters`: floating-point values in the arrays of the graph; `macs`: multiply-accumulates for one image.

    Both are of the part of the graph that leads to the probabilities, without heat map and novelty. Batch norms are
    folded in an exported graph, so their statistics do not count; additions, pooling and activations are no MACs.
    """

    parameters: int
    macs: int


def graph_cost(path: Path) -> GraphCost:
    """Count the costs of the model file at `path`; raises ExportError where a shape cannot be inferred."""
    model = onnx.load(path)
    nodes = _leading_to(_ANSWER, model.graph)
    used = {name for node in nodes for name in node.input}
    arrays = [tensor for tensor in model.graph.initializer if tensor.name in used and tensor.dims]
    floats = [tensor for tensor in arrays if tensor.data_type == onnx.TensorProto.FLOAT]
    shapes = _shapes(model)
    try:
        macs = sum(_macs(node, shapes) for node in nodes)
    except KeyError as error:
        raise ExportError(f"{path}: the shape of {error} is not known; MACs cannot be counted") from error
    return GraphCost(sum(math.prod(tensor.dims) for tensor in floats), macs)


def _leading_to(output: str, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the nodes that `output` depends on; the nodes of a graph are in topological order."""
    wanted = {output}
    nodes = []
    for node in reversed(graph.node):
        if wanted & set(node.output):
            wanted |= set(node.input)
            nodes.append(node)
    return nodes


def _shapes(model: onnx.ModelProto) -> dict[str, list[int]]:
    """Return the shape of every value for a single image, where each extent is known."""
    single = onnx.ModelProto()
    single.CopyFrom(model)
    del single.graph.value_info[:]
    for value in single.graph.input:
        value.type.tensor_type.shape.dim[0].dim_value = 1
    graph = shape_inference.infer_shapes(single, data_prop=True).graph
    values = [*graph.input, *graph.value_info, *graph.output]
    shapes = {value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in values}
    known = {name: shape for name, shape in shapes.items() if all(shape)}
    return known | {tensor.name: list(tensor.dims) for tensor in graph.initializer}


def _macs(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Return elements of the output times the products that are summed for each, 0 for other operations."""
    if node.op_type == "Conv":
        return math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])
    if node.op_type == "MatMul":
        return math.prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
    if node.op_type == "Gemm":
        transposed = any(attribute.name == "transA" and attribute.i for attribute in node.attribute)
        return math.prod(shapes[node.output[0]]) * shapes[node.input[0]][0 if transposed else 1]
    return 0
