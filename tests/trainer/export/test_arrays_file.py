"""Weights and card as a dictionary of arrays."""

from pathlib import Path

import joblib
import numpy as np
import onnx
from onnx import numpy_helper

from tests.tiny_model import write_model
from trainer.export.arrays_file import export_arrays


def test_it_holds_every_weight_the_card_and_the_warning(tmp_path: Path) -> None:
    source = write_model(tmp_path / "model.onnx")

    export_arrays(source, tmp_path / "model.joblib")

    content = joblib.load(tmp_path / "model.joblib")
    expected = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(source).graph.initializer}
    assert content["weights"].keys() == expected.keys()
    assert all(np.array_equal(content["weights"][name], value) for name, value in expected.items())
    assert content["card"]["name"] == "tiny"
    assert "pickle" in content["warning"]
