"""What the node knows of the series in its spool: which objects are there, which are answered, who still sends."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from service.dicom_node.received_object import ReceivedObject


class Sender(Protocol):
    """An association; it hashes by identity."""

    def is_alive(self) -> bool:
        """Whether it may still send."""


@dataclass
class _Series:
    answered: dict[str, bool] = field(default_factory=dict)
    is_reported: bool = False
    reported_at: float = 0.0
    arriving: int = 0
    senders: set[Sender] = field(default_factory=set)
    last: float = 0.0
    put_off: float = 0.0


class Ledger:
    """Thread-safe. Times are those of `clock`, in seconds; `reported_at` is in seconds since the epoch."""

    def __init__(self, quiet_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet_s = quiet_s
        self._clock = clock
        self._guard = threading.Lock()
        self._series: dict[str, _Series] = {}

    def restore(self, series: str, answered: dict[str, bool], reported: frozenset[str], reported_at: float) -> None:
        """Take in a series that was in the spool when the node began; it is quiet from now on."""
        with self._guard:
            is_reported = reported == answered.keys()
            self._series[series] = _Series(answered, is_reported, reported_at, last=self._clock())

    @contextmanager
    def arrival(self, received: ReceivedObject, sender: Sender) -> Iterator[bool]:
        """Hold the series while an object is written to it; gives whether the object is here already.

        The object is counted when the block ends without an error; the series is not quiet while `sender` is there.
        """
        with self._guard:
            series = self._series.setdefault(received.series, _Series())
            is_repeated = received.instance in series.answered
            series.arriving += 1
        try:
            yield is_repeated
            with self._guard:
                if received.instance not in series.answered:
                    series.answered[received.instance] = series.is_reported = False
                series.senders.add(sender)
        finally:
            with self._guard:
                series.arriving -= 1
                series.last = self._clock()
                if not series.answered and not series.arriving:
                    del self._series[received.series]

    def answered(self, series: str, instance: str) -> None:
        """The model has been asked about an object."""
        with self._guard:
            self._series[series].answered[instance] = True

    def unanswer(self, series: str, instance: str) -> None:
        """The answers to an object are lost; the model is to be asked again."""
        with self._guard:
            self._series[series].answered[instance] = False

    def unanswered(self) -> list[tuple[str, str]]:
        """Return series and instance of all objects that the model is still to be asked about."""
        with self._guard:
            return [
                (name, instance)
                for name, series in self._series.items()
                for instance, is_answered in series.answered.items()
                if not is_answered
            ]

    def complete(self) -> list[tuple[str, frozenset[str]]]:
        """Return the series that are due for a result, with their objects: quiet, answered, and not yet reported."""
        now = self._clock()
        with self._guard:
            return [
                (name, frozenset(series.answered))
                for name, series in self._series.items()
                if not series.is_reported and self._is_quiet(series, now) and all(series.answered.values())
            ]

    def put_off(self, series: str, seconds: float) -> None:
        """Leave a series alone for a while."""
        with self._guard:
            self._series[series].put_off = self._clock() + seconds

    def reported(self, series: str, instances: frozenset[str]) -> None:
        """A result of these objects is on its way."""
        with self._guard:
            self._series[series].is_reported = instances == self._series[series].answered.keys()
            self._series[series].reported_at = time.time()

    def resting(self) -> list[tuple[str, float]]:
        """Return the series of which everything is reported, and since when."""
        now = self._clock()
        with self._guard:
            return [
                (name, series.reported_at)
                for name, series in self._series.items()
                if series.is_reported and self._is_quiet(series, now)
            ]

    def drop(self, series: str, remove: Callable[[], None]) -> None:
        """Forget a series unless more of it has come; `remove` is called while nobody can add to it."""
        with self._guard:
            known = self._series[series]
            if not known.arriving and known.is_reported:
                remove()
                del self._series[series]

    def counts(self) -> tuple[int, int, int]:
        """Return the numbers of series, of objects, and of objects that are not answered."""
        with self._guard:
            states = [is_answered for series in self._series.values() for is_answered in series.answered.values()]
            return len(self._series), len(states), states.count(False)

    def _is_quiet(self, series: _Series, now: float) -> bool:
        series.senders = {sender for sender in series.senders if sender.is_alive()}
        return not series.arriving and not series.senders and now >= max(series.last + self._quiet_s, series.put_off)
