"""The Keras network of a run as a file of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from service.classifier import Classifier
from tests.trainer.export.test_onnx_file import export
from tests.trainer.networks import tiny_config, trained_looking
from tests.trainer.pictures import pictures
from trainer.errors import ConfigError, ExportError
from trainer.export.keras_files import export_keras
from trainer.export.onnx_file import save

pytestmark = pytest.mark.usefixtures("tiny_backbone")
CONFIG = tiny_config(head=(4,))
WITH_MAP = tiny_config(head=(4,), mask_loss=1.0)
_ELSEWHERE = """
import importlib.util, keras, numpy
assert importlib.util.find_spec("trainer") is None
for kind in ("keras", "h5"):
    model = keras.models.load_model(f"model.{kind}", compile=False)
    numpy.save(f"{kind}.npy", model.predict(numpy.load("images.npy"), verbose=0))
"""


@pytest.fixture(scope="module", params=[(CONFIG, 2), (CONFIG, 4), (WITH_MAP, 4)], ids=["binary", "classes", "map"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny_backbone: str) -> Path:
    config, count = request.param
    folder = tmp_path_factory.mktemp("run")
    (folder / "fit").mkdir()
    save(export(config, count).model, folder / "model.onnx")
    trained_looking(config, count).save(folder / "fit" / "checkpoint-2-0.keras")
    return folder


@pytest.mark.parametrize("kind", ["keras", "h5"])
def test_it_gives_the_probabilities_of_the_onnx_file(run: Path, kind: str, tmp_path: Path) -> None:
    images = pictures(6, 32)
    out = tmp_path / f"model.{kind}"

    export_keras(run, kind, out)

    said = keras.models.load_model(out, compile=False).predict(images.astype(np.float32), verbose=0)
    assert said == pytest.approx(Classifier(run / "model.onnx").score(images).probabilities, abs=1e-4)
    assert json.loads((tmp_path / f"{out.name}.card.json").read_text())["name"] == "tiny"
    assert {path.name for path in tmp_path.iterdir()} == {out.name, f"{out.name}.card.json"}


def test_it_loads_where_this_package_is_not(run: Path, tmp_path: Path) -> None:
    images = pictures(3, 32).astype(np.float32)
    np.save(tmp_path / "images.npy", images)
    for kind in ("keras", "h5"):
        export_keras(run, kind, tmp_path / f"model.{kind}")

    done = subprocess.run([sys.executable, "-c", _ELSEWHERE], cwd=tmp_path, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr
    expected = Classifier(run / "model.onnx").score(images.astype(np.uint8)).probabilities
    for kind in ("keras", "h5"):
        assert np.load(tmp_path / f"{kind}.npy") == pytest.approx(expected, abs=1e-4)


def test_a_saved_model_serves_the_same(run: Path, tmp_path: Path) -> None:
    images = pictures(3, 32)

    export_keras(run, "savedmodel", tmp_path / "saved")

    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    served = loaded.serve(images.astype(np.float32))
    assert served.numpy() == pytest.approx(Classifier(run / "model.onnx").score(images).probabilities, abs=1e-4)


def test_a_network_of_another_training_is_not_written(run: Path, tmp_path: Path) -> None:
    other = shutil.copytree(run, tmp_path / "run")
    count = len(Classifier(run / "model.onnx").card.classes)
    trained_looking(CONFIG, count, seed=5).save(other / "fit" / "checkpoint-2-0.keras")

    with pytest.raises(ExportError, match=r"differ from the run's model\.onnx"):
        export_keras(other, "keras", tmp_path / "model.keras")

    assert not (tmp_path / "model.keras").exists()


def test_a_run_without_a_network_names_the_remedy(run: Path, tmp_path: Path) -> None:
    shutil.copy(run / "model.onnx", tmp_path)

    with pytest.raises(ConfigError, match="holds no Keras network"):
        export_keras(tmp_path, "keras", tmp_path / "model.keras")


def test_a_wrong_suffix_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--format h5 needs a name that ends in '\.h5'"):
        export_keras(run, "h5", tmp_path / "model.keras")
