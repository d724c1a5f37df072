"""What is trained when runs are brought to their end; the training itself is not run here."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from trainer.config import make_config
from trainer.errors import ConfigError
from trainer.fold_runs.finishing import finish
from trainer.fold_runs.network import Network
from trainer.fold_runs.run import Run, check_runs

NETWORK = Network("a", make_config({"size": 32}))


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    """Three runs of which the second is finished, and decoded images."""
    made = [Run(NETWORK, tmp_path / f"fold-{n}.csv", tmp_path / f"fold-{n}") for n in (1, 2, 3)]
    made[1].folder.mkdir()
    for name in ("model.onnx", "report.txt"):
        (made[1].folder / name).touch()
    (tmp_path / ".cache").mkdir()
    return made


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Stand in for the training; return the runs that it is given, and stop in a run that is called `stop`."""
    given: list[Run] = []

    def train_runs(runs: Sequence[Run], _: Path) -> None:
        given.extend(runs)
        if any(run.folder.name == "stop" for run in runs):
            raise KeyboardInterrupt

    module = ModuleType("trainer.fold_runs.training")
    module.train_runs = train_runs  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "trainer.fold_runs.training", module)
    return given


def test_only_what_is_not_finished_is_trained(runs: list[Run], trained: list[Run], tmp_path: Path) -> None:
    finish(runs, tmp_path / ".cache")

    assert trained == [runs[0], runs[2]]
    assert not (tmp_path / ".cache").exists()


def test_nothing_is_trained_when_all_are_finished(runs: list[Run], trained: list[Run], tmp_path: Path) -> None:
    finish(runs[1:2], tmp_path / ".cache")

    assert trained == []
    assert not (tmp_path / ".cache").exists()


@pytest.mark.usefixtures("trained")
def test_decoded_images_outlive_an_interruption(runs: list[Run], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        finish([*runs, Run(NETWORK, tmp_path / "fold-4.csv", tmp_path / "stop")], tmp_path / ".cache")

    assert (tmp_path / ".cache").exists()


def test_a_folder_with_a_run_of_other_options_is_refused(runs: list[Run]) -> None:
    folder = runs[2].folder
    (folder / "fit").mkdir(parents=True)
    (folder / "fit" / "progress.json").write_text("{}")
    (folder / "run.json").write_text('{"config": {}}')

    with pytest.raises(ConfigError, match="fold-3: holds a run with other data or options"):
        check_runs(runs)

    check_runs(runs[:2])
