"""A model file's weights and card as a joblib file: for analysis in Python, not for serving."""

from pathlib import Path

import joblib
import onnx
from onnx import numpy_helper

from service.model_file import CARD_KEY, Card
from trainer.atomic import replacing

WARNING = (
    "a joblib file is a pickle: loading one runs whatever code it holds, so load only files that you made yourself. "
    "The service never unpickles anything; it serves the ONNX file"
)


def export_arrays(source: Path, out: Path) -> None:
    """Write `{"card": dict, "weights": {name: array}, "warning": str}` of the ONNX file `source` to `out`."""
    model = onnx.load(source)
    card = next(prop.value for prop in model.metadata_props if prop.key == CARD_KEY)
    content = {
        "card": Card.model_validate_json(card).model_dump(mode="json"),
        "weights": {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer},
        "warning": WARNING,
    }
    with replacing(out) as temporary:
        joblib.dump(content, temporary)
