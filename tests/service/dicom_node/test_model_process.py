"""The model's processes: they answer as the model in this process does, and one that dies is replaced."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import MRImageStorage, generate_uid

from service.classifier import Classifier
from service.dicom_node.answering import MOST_DEATHS, Answering
from service.dicom_node.ledger import Ledger
from service.dicom_node.model_process import ModelProcessDied, ModelProcesses, ModelUnavailable, ObjectUnread
from service.dicom_node.received_object import check_object
from service.dicom_node.spool import Spool
from service.imaging import Limits
from service.observer import Observer
from service.prediction import Predictor, identify
from service.series import ObjectAnswers, answer_object
from service.settings import Settings
from tests.service.dicom_node.nodes import image
from tests.serving import wait_until


class Counting(Observer):
    def __init__(self) -> None:
        self.labels: list[str] = []
        self.stages: list[str] = []

    def took(self, stage: Any, seconds: float) -> None:
        self.stages.append(stage)

    def classified(self, label: str, decision: str, probability: float, novelty: float) -> None:
        self.labels.append(label)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "one.dcm").write_bytes(image(0))
    return tmp_path / "one.dcm"


@pytest.fixture
def observer() -> Counting:
    return Counting()


@pytest.fixture
def processes(model_path: Path, observer: Counting) -> Iterator[ModelProcesses]:
    settings = Settings(model_path=model_path, threads=1)
    made = ModelProcesses(settings, Classifier(model_path).sha256, observer)
    made.start()
    yield made
    made.stop()


def pids() -> list[int]:
    """Return the processes that this one has started."""
    return [int(child.pid or 0) for child in multiprocessing.active_children()]


def test_they_answer_as_the_model_does(
    processes: ModelProcesses, observer: Counting, model_path: Path, path: Path
) -> None:
    own = answer_object(Predictor(Classifier(model_path), Limits(), "refuse"), path.read_bytes(), "r")

    answers = [ObjectAnswers.model_validate_json(processes.answer(path, "r")) for _ in range(4)]

    assert answers == [own] * 4
    assert len(observer.labels) == 4
    assert observer.stages.count("model") == 4


def test_one_that_is_killed_is_replaced(processes: ModelProcesses, path: Path) -> None:
    before = processes.answer(path, "r")
    for pid in pids():
        os.kill(pid, signal.SIGKILL)

    with pytest.raises(ModelProcessDied):
        processes.answer(path, "r")

    assert processes.answer(path, "r") == before


def test_signals_to_all_processes_leave_them_to_the_node(processes: ModelProcesses, path: Path) -> None:
    processes.answer(path, "r")
    for pid in pids():
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)

    assert processes.answer(path, "r")


def test_a_file_that_cannot_be_read_is_told_apart(processes: ModelProcesses, path: Path) -> None:
    with pytest.raises(ObjectUnread):
        processes.answer(path.with_name("none.dcm"), "r")

    assert processes.answer(path, "r")


def test_a_model_that_has_changed_is_not_asked(model_path: Path, path: Path) -> None:
    made = ModelProcesses(Settings(model_path=model_path, threads=1), "0" * 64, Observer())
    made.start()
    try:
        with pytest.raises(ModelUnavailable):
            made.answer(path, "r")
    finally:
        made.stop()


def test_nothing_is_left_running(model_path: Path, path: Path) -> None:
    made = ModelProcesses(Settings(model_path=model_path, threads=1), Classifier(model_path).sha256, Observer())
    made.start()
    made.answer(path, "r")
    (pid,) = pids()

    made.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


class Dying:
    """Processes that die over everything."""

    asked = 0

    def answer(self, path: Path, request_id: str) -> str:
        self.asked += 1
        raise ModelProcessDied("dead")


def test_an_object_over_which_processes_die_is_refused_at_last(tmp_path: Path, model_path: Path) -> None:
    spool, ledger, model = Spool(tmp_path / "spool", 10**9), Ledger(0.0), Dying()
    identity = identify(Classifier(model_path))
    uid = generate_uid(entropy_srcs=["study", "0"])
    received = check_object(image(0), MRImageStorage, uid, Limits())
    with ledger.arrival(received, Gone()):
        spool.add(received)
    answering = Answering(spool, ledger, model, identity, 1)  # type: ignore[arg-type]
    try:
        wait_until(lambda: ledger.unanswered() == [] or bool(answering.ask(received.series, received.instance)))
    finally:
        answering.stop()
        spool.close()

    answers = spool.answers(received.series, received.instance, identity.sha256)
    assert answers is not None
    assert [one.problem.code for one in answers.results if one.problem] == ["unexpected-error"]
    assert model.asked >= MOST_DEATHS


class Gone:
    def is_alive(self) -> bool:
        return False
