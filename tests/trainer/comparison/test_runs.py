"""The runs of a comparison, before anything is trained."""

from pathlib import Path

from tests.trainer.pictures import class_folders
from trainer.comparison.folds import shared_folds
from trainer.comparison.networks import Network
from trainer.comparison.runs import Run, runs_of
from trainer.config import make_config
from trainer.preparation import prepare

NETWORKS = [Network(name, make_config({"size": size})) for name, size in (("a", 32), ("b", 48))]


def test_a_fold_is_trained_by_all_networks_before_the_next(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, NETWORKS, [tmp_path / "splits" / f"fold-{n}.csv" for n in (1, 2)])

    assert [run.folder.relative_to(tmp_path).as_posix() for run in runs] == [
        *("a/fold-1", "b/fold-1", "a/fold-2", "b/fold-2")
    ]
    assert not list(tmp_path.iterdir())


def test_labels_are_renamed_once(tmp_path: Path) -> None:
    scans = class_folders(tmp_path / "scans", {"one": 12, "two": 12})
    config = make_config({"size": 32, "class_map": {"one": "two", "two": "three"}})
    (manifest,) = shared_folds([scans], tmp_path / "out", config, None)
    (run,) = runs_of(tmp_path / "out", [Network("a", config)], [manifest])

    prepared = prepare([run.manifest], run.folder, run.config)

    assert prepared.classes == ("three", "two")


def test_a_run_is_finished_when_its_last_file_is_there(tmp_path: Path) -> None:
    run = Run(NETWORKS[0], tmp_path / "fold-1.csv", tmp_path)
    told = [run.finished]
    for name in ("model.onnx", "report.txt"):
        (tmp_path / name).touch()
        told.append(run.finished)
    (tmp_path / "model.onnx").unlink()

    assert [*told, run.finished] == [False, False, True, False]
