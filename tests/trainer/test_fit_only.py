"""`--fit-only`: fitted in one place, with another library under Keras if need be, and brought to its end in another."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trainer.pictures import class_folders
from trainer.cli import main

EACH = 12
SMALL = (
    *("--backbone", "custom_cnn", "--weights", "none", "--fine-tune-from", "all", "--size", "32", "--head", "4"),
    *("--batch-size", "8", "--fine-tune-epochs", "2"),
)
NO_TENSORFLOW = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "tf2onnx"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from trainer.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fit-only") / "scans"
    class_folders(root, {"glioma": EACH, "no_tumor": EACH})
    return root


def fit_with_jax(scans: Path, out: Path) -> None:
    words = ["train", str(scans), "--out", str(out), *SMALL, "--fit-only"]
    subprocess.run(
        [sys.executable, "-c", NO_TENSORFLOW, *words],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        check=True,
        timeout=240,
    )


def progress(run: Path) -> dict[str, object]:
    state: dict[str, object] = json.loads((run / "fit" / "progress.json").read_text("utf-8"))
    return state


def test_jax_fits_without_tensorflow_and_the_same_command_exports_what_it_fitted(scans: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    fit_with_jax(scans, run)
    fitted = progress(run)
    assert not (run / "model.onnx").exists()

    assert main(["train", str(scans), "--out", str(run), *SMALL]) == 0

    assert (run / "model.onnx").is_file() and (run / "report.txt").is_file()
    assert progress(run)["history"] == fitted["history"]


def test_a_fold_is_fitted_alone_and_the_cross_validation_goes_on_from_it(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["cross-validate", str(scans), "--out", str(out), "--folds", "2", *SMALL]

    assert main([*words, "--fit-only", "--fold", "2"]) == 0
    assert not (out / "fold-1").exists()
    fitted = progress(out / "fold-2")

    assert main(words) == 0

    assert progress(out / "fold-2")["history"] == fitted["history"]
    assert (out / "report.txt").is_file()
