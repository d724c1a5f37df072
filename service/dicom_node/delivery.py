"""What waits for a destination is sent until it is taken: again after pauses that double, at last a dead letter."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from service.dicom_node.outbox import Entry, Outbox
from service.errors import PeerError, PeerRefused, PeerUnavailable

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0
REFUSALS = 5
"""How often an archive may refuse an object before it is a dead letter."""
_LOOK_S = 0.5
_LOG = logging.getLogger("service.dicom_node")


class Peer(Protocol):
    """A destination."""

    def session(self) -> AbstractContextManager[Callable[[bytes], None]]:
        """Give what stores one file; both raise PeerError."""


@dataclass
class _Attempts:
    """What is known of an entry that could not be delivered."""

    count: int = 0
    refusals: int = 0
    next: float = 0.0


class Delivery:
    """One thread that empties the outbox of one destination; `count` is told how each try ended."""

    def __init__(self, name: str, peer: Peer, outbox: Outbox, give_up_s: float, count: Callable[[str], None]) -> None:
        self.name = name
        self._peer = peer
        self._outbox = outbox
        self._give_up_s = give_up_s
        self._count = count
        self._stopped = threading.Event()
        self._attempts: dict[str, _Attempts] = {}
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name=f"delivery-{name}")

    @property
    def is_reachable(self) -> bool:
        """Whether the last session could be had."""
        return self._failures == 0

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def begin_stop(self) -> None:
        """Send nothing more than the object that is being sent."""
        self._stopped.set()

    def stop(self) -> None:
        """Return when that object is dealt with."""
        self.begin_stop()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            pause = _LOOK_S
            try:
                self._round()
                self._failures = 0
            except PeerUnavailable as error:
                self._failures += 1
                pause = _pause(self._failures)
                self._count("unavailable")
                _LOG.warning("destination unavailable", extra={"destination": self.name, "reason": str(error)})
            except Exception as error:
                pause = LONGEST_PAUSE_S / 10
                _LOG.error("unexpected error", exc_info=error, extra={"destination": self.name})
            self._stopped.wait(pause)

    def _round(self) -> None:
        """Send what is due in one session; raises PeerUnavailable where that could not be had, or broke."""
        waiting = self._outbox.waiting(self.name)
        self._attempts = {entry.name: self._attempts.get(entry.name, _Attempts()) for entry in waiting}
        self._give_up_old(waiting)
        due = [entry for entry in waiting if self._is_due(entry)]
        if not due:
            return
        with self._peer.session() as store:
            for entry in due:
                if self._stopped.is_set():
                    return
                self._send(store, entry)

    def _send(self, store: Callable[[bytes], None], entry: Entry) -> None:
        attempts = self._attempts[entry.name]
        attempts.count += 1
        try:
            store(self._outbox.load(entry))
        except FileNotFoundError:  # an operator has taken it away
            return
        except PeerRefused as error:
            self._refused(entry, attempts, error)
        except PeerUnavailable:
            attempts.next = time.monotonic() + _pause(attempts.count)
            raise
        else:
            self._outbox.delivered(entry)
            self._failures = 0
            self._count("delivered")
            _LOG.info("result delivered", extra={"destination": self.name, "series": entry.series})

    def _refused(self, entry: Entry, attempts: _Attempts, error: PeerError) -> None:
        self._count("refused")
        attempts.refusals += 1
        if attempts.refusals >= REFUSALS:
            self._give_up(entry, str(error))
        else:
            attempts.next = time.monotonic() + _pause(attempts.count)

    def _give_up_old(self, waiting: list[Entry]) -> None:
        for entry in waiting:
            if time.time() - entry.made > self._give_up_s:
                self._give_up(entry, "could not be delivered in time")

    def _give_up(self, entry: Entry, reason: str) -> None:
        attempts = self._attempts.pop(entry.name)
        self._outbox.give_up(entry, reason, attempts.count)
        self._count("dead")
        extra = {"destination": self.name, "series": entry.series, "reason": reason}
        _LOG.error("a result is a dead letter", extra=extra)

    def _is_due(self, entry: Entry) -> bool:
        attempts = self._attempts.get(entry.name)
        return attempts is not None and attempts.next <= time.monotonic()


def _pause(failures: int) -> float:
    """Return the seconds to the next try after so many failures."""
    return float(min(FIRST_PAUSE_S * 2 ** min(failures - 1, 16), LONGEST_PAUSE_S))
