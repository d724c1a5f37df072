"""Results on their way, and dead letters."""

import os
import time
from pathlib import Path

import pytest

from service.dicom_node.outbox import Outbox

SERIES = "a" * 32


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    made = Outbox(tmp_path)
    made.open(["pacs", "research"])
    return made


def test_an_entry_waits_until_it_is_delivered(outbox: Outbox) -> None:
    outbox.put("pacs", SERIES, "1" * 32, b"report")
    outbox.put("research", SERIES, "1" * 32, b"report")

    (entry,) = outbox.waiting("pacs")
    assert (outbox.load(entry), entry.series, outbox.holds()) == (b"report", SERIES, {SERIES})
    outbox.delivered(entry)

    assert (outbox.waiting("pacs"), len(outbox.waiting("research"))) == ([], 1)
    assert outbox.holds() == {SERIES}


def test_a_later_object_takes_the_place_of_one_that_waits(outbox: Outbox) -> None:
    outbox.put("pacs", SERIES, "1" * 32, b"first")
    outbox.put("pacs", SERIES, "1" * 32, b"second")

    assert [outbox.load(entry) for entry in outbox.waiting("pacs")] == [b"second"]


def test_a_later_object_still_waits_when_the_earlier_one_has_been_delivered(outbox: Outbox) -> None:
    outbox.put("pacs", SERIES, "1" * 32, b"first")
    (being_sent,) = outbox.waiting("pacs")
    outbox.put("pacs", SERIES, "1" * 32, b"second")

    outbox.delivered(being_sent)

    (left,) = outbox.waiting("pacs")
    assert outbox.load(left) == b"second"
    outbox.delivered(left)
    assert outbox.waiting("pacs") == []


def test_the_oldest_comes_first(outbox: Outbox, tmp_path: Path) -> None:
    for number in "123":
        outbox.put("pacs", SERIES, number * 32, number.encode())
        path = tmp_path / "outbox" / "pacs" / f"{SERIES}-{number * 32}.dcm"
        os.utime(path, (time.time() - int(number), time.time() - int(number)))

    assert [outbox.load(entry) for entry in outbox.waiting("pacs")] == [b"3", b"2", b"1"]


def test_a_dead_letter_says_why_and_can_be_tried_again(outbox: Outbox, tmp_path: Path) -> None:
    outbox.put("pacs", SERIES, "1" * 32, b"report")
    outbox.give_up(outbox.waiting("pacs")[0], "status A900", 5)

    (letter,) = Outbox(tmp_path).dead()
    assert (letter.reason, letter.attempts, outbox.waiting("pacs")) == ("status A900", 5, [])
    assert (outbox.holds(), outbox.counts()["pacs"]) == ({SERIES}, (0, 1))
    outbox.retry(letter.entry)

    assert (outbox.dead(), outbox.load(outbox.waiting("pacs")[0])) == ([], b"report")
    assert time.time() - outbox.waiting("pacs")[0].made < 60


def test_a_purged_dead_letter_is_gone(outbox: Outbox, tmp_path: Path) -> None:
    outbox.put("pacs", SERIES, "1" * 32, b"report")
    outbox.give_up(outbox.waiting("pacs")[0], "status A900", 5)

    outbox.purge(outbox.dead()[0].entry)

    assert (outbox.dead(), outbox.holds(), list((tmp_path / "dead").rglob("*.*"))) == ([], set(), [])


def test_a_dead_letter_whose_note_is_damaged_is_still_listed(outbox: Outbox, tmp_path: Path) -> None:
    outbox.put("pacs", SERIES, "1" * 32, b"report")
    outbox.give_up(outbox.waiting("pacs")[0], "status A900", 5)
    next((tmp_path / "dead").rglob("*.json")).write_bytes(b"{")

    assert [letter.reason for letter in outbox.dead()] == ["unknown"]


def test_what_was_not_finished_is_removed_at_the_start(outbox: Outbox, tmp_path: Path) -> None:
    (tmp_path / "outbox" / "pacs" / "x.tmp").write_bytes(b"half")

    Outbox(tmp_path).open(["pacs"])

    assert list(tmp_path.rglob("*.tmp")) == []
