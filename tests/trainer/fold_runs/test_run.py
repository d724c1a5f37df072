"""A network on one fold, before it is trained."""

from pathlib import Path

from tests.trainer.pictures import class_folders
from trainer.config import make_config
from trainer.fold_runs.folds import shared_folds
from trainer.fold_runs.network import Network
from trainer.fold_runs.run import Run
from trainer.preparation import prepare


def test_labels_are_renamed_once(tmp_path: Path) -> None:
    scans = class_folders(tmp_path / "scans", {"one": 12, "two": 12})
    config = make_config({"size": 32, "class_map": {"one": "two", "two": "three"}})
    (manifest,) = shared_folds([scans], tmp_path / "out", config, None)
    run = Run(Network("a", config), manifest, tmp_path / "out" / "split")

    prepared = prepare([run.manifest], run.folder, run.config)

    assert prepared.classes == ("three", "two")


def test_a_run_is_finished_when_its_last_file_is_there(tmp_path: Path) -> None:
    run = Run(Network("a", make_config({})), tmp_path / "fold-1.csv", tmp_path)
    told = [run.finished]
    for name in ("model.onnx", "report.txt"):
        (tmp_path / name).touch()
        told.append(run.finished)
    (tmp_path / "model.onnx").unlink()

    assert [*told, run.finished] == [False, False, True, False]
