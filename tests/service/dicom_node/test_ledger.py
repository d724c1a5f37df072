"""When a series is complete."""

from dataclasses import dataclass

import pytest

from service.dicom_node.ledger import Ledger
from service.dicom_node.received_object import ReceivedObject

SERIES = "a" * 32


@dataclass(eq=False)
class Caller:
    alive: bool = True

    def is_alive(self) -> bool:
        return self.alive


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def arrive(ledger: Ledger, instance: str, caller: Caller) -> bool:
    with ledger.arrival(ReceivedObject(b"", SERIES, instance), caller) as is_repeated:
        pass
    return is_repeated


def gone() -> Caller:
    return Caller(alive=False)


def test_a_series_is_complete_when_it_is_quiet_and_everything_is_answered() -> None:
    clock = Clock()
    ledger = Ledger(10, clock)
    arrive(ledger, "1", gone())
    ledger.answered(SERIES, "1")
    clock.now += 9
    arrive(ledger, "2", gone())

    clock.now += 9
    assert ledger.complete() == []
    clock.now += 1
    assert ledger.complete() == []
    assert ledger.unanswered() == [(SERIES, "2")]
    ledger.answered(SERIES, "2")

    assert ledger.complete() == [(SERIES, frozenset({"1", "2"}))]


def test_it_is_not_complete_while_an_association_that_brought_it_is_open() -> None:
    clock = Clock()
    ledger = Ledger(10, clock)
    caller = Caller()
    arrive(ledger, "1", caller)
    ledger.answered(SERIES, "1")
    clock.now += 1000

    assert ledger.complete() == []
    caller.alive = False
    assert len(ledger.complete()) == 1


def test_a_reported_series_rests_until_a_late_image_makes_it_due_again() -> None:
    clock = Clock()
    ledger = Ledger(10, clock)
    arrive(ledger, "1", gone())
    ledger.answered(SERIES, "1")
    ledger.reported(SERIES, frozenset({"1"}))
    clock.now += 11
    assert (ledger.complete(), [name for name, _ in ledger.resting()]) == ([], [SERIES])

    arrive(ledger, "2", gone())
    ledger.answered(SERIES, "2")
    clock.now += 11

    assert ledger.complete() == [(SERIES, frozenset({"1", "2"}))]
    assert ledger.resting() == []


def test_an_image_that_comes_while_the_result_is_made_is_not_forgotten() -> None:
    clock = Clock()
    ledger = Ledger(10, clock)
    arrive(ledger, "1", gone())
    ledger.answered(SERIES, "1")
    clock.now += 11
    ((series, instances),) = ledger.complete()
    arrive(ledger, "2", gone())

    ledger.reported(series, instances)
    ledger.answered(SERIES, "2")
    clock.now += 11

    assert ledger.complete() == [(SERIES, frozenset({"1", "2"}))]


def test_a_second_copy_is_known_and_makes_nothing_due() -> None:
    clock = Clock()
    ledger = Ledger(10, clock)
    assert not arrive(ledger, "1", gone())
    ledger.answered(SERIES, "1")
    ledger.reported(SERIES, frozenset({"1"}))

    assert arrive(ledger, "1", gone())
    clock.now += 11

    assert ledger.complete() == []


def test_an_object_that_could_not_be_written_is_not_counted() -> None:
    ledger = Ledger(10, Clock())

    with pytest.raises(OSError), ledger.arrival(ReceivedObject(b"", SERIES, "1"), gone()):
        raise OSError("no disk")

    assert ledger.counts() == (0, 0, 0)


def test_a_series_is_dropped_only_when_nothing_more_has_come() -> None:
    ledger = Ledger(0, Clock())
    arrive(ledger, "1", gone())
    ledger.answered(SERIES, "1")
    ledger.reported(SERIES, frozenset({"1"}))
    removed: list[str] = []
    with ledger.arrival(ReceivedObject(b"", SERIES, "2"), gone()):
        ledger.drop(SERIES, lambda: removed.append("while it arrives"))
    ledger.drop(SERIES, lambda: removed.append("with a new one"))
    assert removed == []
    ledger.answered(SERIES, "2")
    ledger.reported(SERIES, frozenset({"1", "2"}))

    ledger.drop(SERIES, lambda: removed.append("at last"))

    assert (removed, ledger.counts()) == (["at last"], (0, 0, 0))


def test_a_restored_series_is_quiet_from_the_start_of_the_node_on() -> None:
    clock = Clock()
    ledger = Ledger(10, clock)
    ledger.restore(SERIES, {"1": True}, frozenset(), 0.0)
    ledger.restore("b" * 32, {"1": True}, frozenset({"1"}), 5.0)

    assert ledger.complete() == []
    clock.now += 10

    assert ledger.complete() == [(SERIES, frozenset({"1"}))]
    assert ledger.resting() == [("b" * 32, 5.0)]
