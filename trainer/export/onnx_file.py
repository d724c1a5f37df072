"""Network -> ONNX by tf2onnx, with the card in the metadata, checked against Keras."""

from pathlib import Path

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from numpy.typing import NDArray
from onnx import helper

from service.classifier import Classifier
from service.errors import ModelFileError
from service.model_file import CARD_KEY, Card
from trainer.atomic import replacing
from trainer.errors import ExportError
from trainer.export.inference_graph import InferenceGraph

OPSET = 18
PARITY_TOLERANCE = 1e-4


def convert(graph: InferenceGraph, card: Card) -> onnx.ModelProto:
    """Convert to ONNX with the names of the contract and the card in the metadata."""
    spec = card.preprocess
    shape = [None, spec.size, spec.size, spec.channels]

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8, name="image")])  # type: ignore[untyped-decorator]
    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: tf.identity(value, name=name) for name, value in graph(image).items()}

    model, _ = tf2onnx.convert.from_function(serve, input_signature=serve.input_signature, opset=OPSET)
    return with_card(model, card)


def with_card(model: onnx.ModelProto, card: Card) -> onnx.ModelProto:
    """Return the model with `card` as its metadata."""
    helper.set_model_props(model, {CARD_KEY: card.model_dump_json()})
    return model


def save(model: onnx.ModelProto, path: Path) -> None:
    """Check the model and write it; an existing file is replaced only by a whole one."""
    onnx.checker.check_model(model)
    with replacing(path) as temporary:
        onnx.save(model, temporary)


def save_checked(model: onnx.ModelProto, path: Path, pixels: NDArray[np.uint8], expected: NDArray[np.float64]) -> float:
    """Write the model if its probabilities are Keras' `expected` `[N, K]`; return the largest difference.

    Raises ExportError when it exceeds 1e-4 or is not a number, or when the service cannot load the model; then nothing
    is written.
    """
    with replacing(path) as candidate:
        save(model, candidate)
        try:
            probabilities = Classifier(candidate).score(pixels).probabilities
        except ModelFileError as error:
            raise ExportError(f"{path}: not written: the service cannot load it: {error}") from error
        difference = float(np.abs(probabilities - expected).max())
        if not difference <= PARITY_TOLERANCE:
            raise ExportError(
                f"{path}: not written: its probabilities differ from Keras by {difference:.2e}, more than "
                f"{PARITY_TOLERANCE}"
            )
    return difference
