"""The trainer's image, built and run through the compose file for real."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from service.classifier import Classifier
from tests.e2e.compose import Project
from tests.e2e.conftest import built_project
from tests.trainer.pictures import class_folders

USER = os.getuid() or 12345
"""Of no account in the image."""

Trainer = Callable[..., CompletedProcess[str]]
SMALLEST = ("--backbone", "custom_cnn", "--weights", "none", "--size", "32", "--head", "4", "--fine-tune-epochs", "1")


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    with built_project("trainer", timeout=1800) as project:
        yield project


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return class_folders(tmp_path_factory.mktemp("data") / "scans", {"glioma": 12, "no_tumor": 12})


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    os.chown(folder, USER, -1)
    return folder


@pytest.fixture
def trainer(project: Project, data: Path, runs: Path) -> Trainer:
    """The trainer with /data and /runs, as a user of the host."""

    def run(*arguments: str, entrypoint: str | None = None) -> CompletedProcess[str]:
        return project.train(data, runs, *arguments, user=f"{USER}:{USER}", entrypoint=entrypoint)

    return run


def test_it_audits_the_data_and_writes_as_the_caller(trainer: Trainer, runs: Path) -> None:
    done = trainer("audit", "/data", "--json", "/runs/audit.json")

    assert done.returncode == 0, done.stderr
    assert "== 24 files, 24 usable: data" in done.stdout
    assert "shortcut probe" in done.stdout
    assert json.loads((runs / "audit.json").read_text())
    assert (runs / "audit.json").stat().st_uid == USER


def test_a_folder_that_is_not_there_is_one_line_and_exit_code_2(trainer: Trainer) -> None:
    done = trainer("audit", "/data/nowhere")

    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if line.startswith("trainer: ")] == [
        "trainer: /data/nowhere: no such folder or manifest"
    ]


def test_it_trains_a_model_that_the_service_takes(trainer: Trainer, runs: Path) -> None:
    done = trainer("train", "/data", "--out", "/runs/scans", *SMALLEST)

    assert done.returncode == 0, done.stderr
    assert Classifier(runs / "scans" / "model.onnx").card.class_names == ("glioma", "no_tumor")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("touch /data/probe", "Read-only file system"),
        ("touch /app/probe", "Read-only file system"),
        ("touch /opt/venv/probe", "Read-only file system"),
        ("python -c \"import socket; socket.create_connection(('192.0.2.1', 80), 5)\"", "Network is unreachable"),
        ("python -m pip", "No module named pip"),
    ],
)
def test_it_can_neither_change_the_data_nor_reach_anyone(trainer: Trainer, command: str, message: str) -> None:
    refused = trainer("-c", command, entrypoint="sh")

    assert refused.returncode != 0
    assert message in refused.stderr


def test_it_runs_without_privileges(trainer: Trainer) -> None:
    status = dict(line.split(":", 1) for line in trainer("/proc/self/status", entrypoint="cat").stdout.splitlines())

    assert status["Uid"].split() == [str(USER)] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"


def test_nothing_in_the_folder_of_the_runs_is_imported(trainer: Trainer, runs: Path) -> None:
    (runs / "numpy.py").write_text("raise SystemExit('shadowed')")

    assert trainer("audit", "/data").returncode == 0
