"""Poll `/health` from a process of its own, so that busy clients do not disturb the measurement."""

import http.client
import multiprocessing
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from types import TracebackType
from typing import Self


class HealthPoller:
    """`with HealthPoller(host, port) as poller: ...`; afterwards `latencies_s` and `failures`."""

    def __init__(self, host: str, port: int, interval_s: float = 0.01) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop = context.Event()
        self._answers, answers = context.Pipe(duplex=False)
        self._process = context.Process(target=_poll, args=(host, port, interval_s, self._stop, answers), daemon=True)
        self.latencies_s: list[float] = []
        self.failures = 0

    def __enter__(self) -> Self:
        self._process.start()
        self._answers.recv()  # the first answer: it polls
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self.latencies_s, self.failures = self._answers.recv()
        self._process.join()


def _poll(host: str, port: int, interval_s: float, stop: Event, answers: Connection) -> None:
    latencies: list[float] = []
    failures = 0
    while not stop.is_set():
        began = time.perf_counter()
        failures += not _healthy(host, port)
        latencies.append(time.perf_counter() - began)
        if len(latencies) == 1:
            answers.send("polling")
        time.sleep(interval_s)
    answers.send((latencies, failures))


def _healthy(host: str, port: int) -> bool:
    """Ask over a new connection, as an orchestrator does."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
