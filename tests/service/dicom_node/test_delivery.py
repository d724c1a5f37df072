"""What waits is sent until it is taken; the archives are real, and fail as they are told."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import ComprehensiveSRStorage

from service.dicom_node import delivery as delivery_module
from service.dicom_node.delivery import REFUSALS, Delivery
from service.dicom_node.destination_file import DicomDestination
from service.dicom_node.outbox import Outbox
from service.dicom_node.store_scu import StoreScu
from tests.service.dicom_node.archive import UNANSWERED_CALLS, Archive, archive
from tests.service.dicom_node.nodes import free_port, image
from tests.serving import wait_until

pytestmark = UNANSWERED_CALLS
SERIES = "a" * 32
SUCCESS = 0x0000
SC = "1.2.840.10008.5.1.4.1.1.7"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(delivery_module, "_LOOK_S", 0.02)


@contextmanager
def delivering(
    folder: Path, port: int, objects: int = 1, sop_class: str = SC, **changes: Any
) -> Iterator[tuple[Outbox, Counter[str]]]:
    """Deliver so many objects from the outbox of a folder to that port."""
    outcomes: Counter[str] = Counter()
    count: Callable[[str], None] = lambda outcome: outcomes.update([outcome])  # noqa: E731
    values = {"name": "pacs", "protocol": "dicom", "host": "127.0.0.1", "port": port, "called_aet": "ARCHIVE"}
    options = DicomDestination.model_validate(values | {"timeout_s": 5.0} | changes)
    outbox = Outbox(folder)
    outbox.open(["pacs"])
    for number in range(objects):
        outbox.put("pacs", SERIES, f"{number:032d}", image(number, SOPClassUID=sop_class))
    running = Delivery("pacs", StoreScu(options, "BRAINMRI", lambda: count("warning")), outbox, 3600, count)
    running.start()
    try:
        yield outbox, outcomes
    finally:
        running.stop()


def done(outbox: Outbox) -> bool:
    return outbox.waiting("pacs") == []


def test_everything_that_waits_is_delivered_once(tmp_path: Path) -> None:
    with archive() as pacs, delivering(tmp_path, pacs.port, objects=20) as (outbox, outcomes):
        wait_until(lambda: done(outbox))

    assert (len(pacs.taken), set(pacs.times.values())) == (20, {1})
    assert outcomes == {"delivered": 20}


def test_an_archive_that_is_down_gets_everything_when_it_is_up(tmp_path: Path) -> None:
    port = free_port()
    with delivering(tmp_path, port, objects=3) as (outbox, outcomes):
        wait_until(lambda: outcomes["unavailable"] >= 2)
        with archive(port) as pacs:
            wait_until(lambda: done(outbox))

    assert (len(pacs.taken), outbox.dead()) == (3, [])


@pytest.mark.parametrize("failure", [0xA700, 0xC000, None], ids=["out of resources", "cannot understand", "abort"])
def test_an_archive_that_fails_every_third_time_gets_everything(failure: int | None, tmp_path: Path) -> None:
    def status(request: int) -> int | None:
        return failure if request % 3 == 0 else SUCCESS

    with archive(status=status) as pacs, delivering(tmp_path, pacs.port, objects=12) as (outbox, _):
        wait_until(lambda: done(outbox))

    assert (len(pacs.taken), set(pacs.times.values()), outbox.dead()) == (12, {1}, [])


def test_a_warning_counts_as_taken(tmp_path: Path) -> None:
    with archive(status=lambda _: 0xB000) as pacs, delivering(tmp_path, pacs.port) as (outbox, outcomes):
        wait_until(lambda: done(outbox))

    assert outcomes == {"warning": 1, "delivered": 1}


def test_an_object_that_is_refused_again_and_again_is_a_dead_letter_and_holds_nothing_up(tmp_path: Path) -> None:
    refused: list[str] = []

    def status(request: int) -> int:
        return SUCCESS

    def store(self: Archive, event: Any) -> int:
        name = str(event.request.AffectedSOPInstanceUID)
        refused.append(name) if not refused else None
        if name == refused[0]:
            return 0xA900
        self.taken[name] = event.dataset
        return SUCCESS

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Archive, "on_store", store)
        with archive(status=status) as pacs, delivering(tmp_path, pacs.port, objects=4) as (outbox, outcomes):
            wait_until(lambda: done(outbox))

    assert len(pacs.taken) == 3
    (letter,) = outbox.dead()
    assert (letter.reason, letter.attempts, outcomes["dead"]) == ("status A900", REFUSALS, 1)


def test_a_class_of_objects_that_the_archive_does_not_take_is_a_dead_letter(tmp_path: Path) -> None:
    with archive() as pacs, delivering(tmp_path, pacs.port, sop_class=ComprehensiveSRStorage) as (outbox, _):
        wait_until(lambda: done(outbox))

    assert [letter.reason for letter in outbox.dead()] == ["SOP class not accepted"]


def test_what_is_too_old_is_a_dead_letter(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    outbox = Outbox(tmp_path)
    outbox.open(["pacs"])
    outbox.put("pacs", SERIES, "0" * 32, image(0))
    values = {"name": "pacs", "protocol": "dicom", "host": "127.0.0.1", "port": free_port(), "called_aet": "ARCHIVE"}
    peer = StoreScu(DicomDestination.model_validate(values), "BRAINMRI", lambda: None)
    running = Delivery("pacs", peer, outbox, 0.1, lambda outcome: outcomes.update([outcome]))
    running.start()
    wait_until(lambda: done(outbox))
    running.stop()

    assert [letter.reason for letter in outbox.dead()] == ["could not be delivered in time"]


def test_a_wrong_title_of_the_archive_is_no_dead_letter_but_waits_for_somebody_to_mend_it(tmp_path: Path) -> None:
    with archive() as pacs:
        pacs_server = pacs.port
        with delivering(tmp_path, pacs_server, called_aet="OTHER") as (outbox, outcomes):
            wait_until(lambda: outcomes["delivered"] + outcomes["unavailable"] >= 1)

    assert outbox.dead() == []


def test_a_dead_letter_that_is_retried_is_delivered_while_the_node_runs(tmp_path: Path) -> None:
    answers = {"status": 0xA900}
    with archive(status=lambda _: answers["status"]) as pacs, delivering(tmp_path, pacs.port) as (outbox, _):
        wait_until(lambda: len(outbox.dead()) == 1)
        answers["status"] = SUCCESS
        outbox.retry(outbox.dead()[0].entry)
        wait_until(lambda: done(outbox))

    assert (len(pacs.taken), outbox.dead()) == (1, [])
