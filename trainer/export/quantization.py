"""Static int8 quantisation of the convolutions of a model file; head, heat map and novelty stay float.

Weights have a scale for each output channel, activations one for each tensor, both from calibration images
(Jacob et al. 2018). The graph keeps float inputs and outputs with QuantizeLinear and DequantizeLinear in between (QDQ).
"""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

_BATCH = 16
_ALONG = ("Add", "Clip", "Relu")


def quantize(source: Path, images: NDArray[np.uint8], float_share: float) -> onnx.ModelProto:
    """Return the model at `source`, quantised and calibrated on `images` `[N, S, S, C]`.

    `float_share` of the convolutions, those nearest to the image, stay float: what they get wrong all others inherit.
    """
    logging.getLogger().addFilter(_no_advice)
    with tempfile.TemporaryDirectory() as folder:
        prepared, quantized = Path(folder) / "prepared.onnx", Path(folder) / "quantized.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(quantized),
            _Images(images),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=chosen_nodes(onnx.load(prepared).graph, float_share),
        )
        model = onnx.load(quantized)
    used = {node.domain for node in model.graph.node} | {""}
    domains = [opset for opset in model.opset_import if opset.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(domains)
    return model


def chosen_nodes(graph: onnx.GraphProto, float_share: float) -> list[str]:
    """Return the names of the nodes to quantise: the later convolutions, and what stands between two of them."""
    feeds_convolution: set[str] = set()
    for node in reversed(graph.node):
        if node.op_type == "Conv" or feeds_convolution & set(node.output):
            feeds_convolution |= set(node.input)
    convolutions = [place for place, node in enumerate(graph.node) if node.op_type == "Conv"]
    first = convolutions[int(float_share * len(convolutions))] if convolutions else len(graph.node)
    return [
        node.name
        for node in list(graph.node)[first:]
        if node.op_type == "Conv" or (node.op_type in _ALONG and feeds_convolution & set(node.output))
    ]


class _Images(CalibrationDataReader):  # type: ignore[misc]
    """Hands the calibration images to onnxruntime, some at a time."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self._parts: Iterator[NDArray[np.uint8]] = iter(
            [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        )

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        part = next(self._parts, None)
        return None if part is None else {"image": part}


def _no_advice(record: logging.LogRecord) -> bool:
    """Drop what the quantiser says to the root logger: hints for its developers."""
    return "onnxruntime" not in record.pathname
