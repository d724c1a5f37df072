"""Several workers on one port: the supervisor opens it, starts them, and replaces one that dies.

The port stays open whatever becomes of a worker, and connections that no worker has accepted yet wait for another one,
so that a worker which is killed loses the requests that it was answering and no others. uvicorn has a supervisor too:
its SIGHUP replaces workers, while here each swaps the model in place, and the servers that it makes do not drain.
"""

import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType

from service.errors import ServiceError, SettingsError
from service.logs import configure_logging
from service.settings import Settings

EXIT_REFUSED = 2
PAUSE_S = 5.0
"""How long the successor of a worker that died young is put off."""
_YOUNG_S = 10.0
_LOG = logging.getLogger("service.supervisor")
_STOPPING = (signal.SIGTERM, signal.SIGINT)
_RELOADING = (signal.SIGHUP,)


@dataclass
class _Worker:
    """The process in one place, and when its successor is due once it has died."""

    process: SpawnProcess
    began: float
    is_successor: bool
    due: float | None = None


class Supervisor:
    """Call `run` in the main thread; signals are passed on to the workers."""

    def __init__(self, settings: Settings, port: socket.socket, metrics: Path) -> None:
        """`metrics` is an empty folder for the workers to share their metrics in."""
        self._settings = settings
        self._port = port
        self._metrics = metrics
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._stopping = False

    def run(self) -> int:
        """Serve until a signal; returns the exit code, EXIT_REFUSED where a first worker could not begin."""
        signals, waker = socket.socketpair()
        with signals, waker:
            _send_signals_to(waker)
            self._workers = [self._start(index) for index in range(self._settings.workers)]
            while not self._stopping:
                self._wait(signals)
            for worker in self._workers:
                worker.process.join()
            signal.set_wakeup_fd(-1)
        refused = any(_was_refused(worker) for worker in self._workers)
        return EXIT_REFUSED if refused else 0

    def _start(self, index: int, is_successor: bool = False) -> _Worker:
        arguments = (self._settings, self._port, index, self._metrics)
        process = self._context.Process(target=run_worker, args=arguments, name=f"worker-{index}")
        with _hangups_held_back():
            process.start()
        return _Worker(process, time.monotonic(), is_successor)

    def _wait(self, signals: socket.socket) -> None:
        """Wait until a signal or a death is to be seen to, or a successor is due."""
        living = [worker.process.sentinel for worker in self._workers if worker.due is None]
        pauses = [worker.due - time.monotonic() for worker in self._workers if worker.due is not None]
        ready = connection.wait([signals, *living], max(0.0, min(pauses)) if pauses else None)
        if signals in ready:
            for number in signals.recv(64):
                self._pass_on(number)
        for index, worker in enumerate(self._workers):
            if not self._stopping:
                self._look_after(index, worker)

    def _pass_on(self, number: int) -> None:
        is_end = number in _STOPPING
        self._stopping = self._stopping or is_end
        for worker in self._workers:
            if worker.process.pid and worker.process.is_alive():
                with suppress(ProcessLookupError):
                    os.kill(worker.process.pid, signal.SIGTERM if is_end else number)

    def _look_after(self, index: int, worker: _Worker) -> None:
        """Note a death, and begin the successor that is due; a first worker that cannot begin is the end of all."""
        now = time.monotonic()
        if worker.due is None and worker.process.exitcode is not None:
            if _was_refused(worker):
                self._pass_on(signal.SIGTERM)
                return
            worker.due = now + (PAUSE_S if now - worker.began < _YOUNG_S else 0.0)
            _LOG.error("a worker died", extra={"worker": index, "reason": _cause(worker.process.exitcode)})
        if worker.due is not None and worker.due <= now:
            self._replace(index, worker)

    def _replace(self, index: int, worker: _Worker) -> None:
        """Begin a successor; where the system gives no process, it is due again later."""
        try:
            self._workers[index] = self._start(index, is_successor=True)
        except OSError as error:
            worker.due = time.monotonic() + PAUSE_S
            _LOG.error("a worker cannot be replaced yet", extra={"worker": index, "reason": error.strerror})
        else:
            worker.process.close()


def supervise(settings: Settings, port: socket.socket) -> int:
    """Run the workers until a signal; returns the exit code. Raises SettingsError without a scratch folder."""
    try:
        scratch = tempfile.TemporaryDirectory(prefix="brain-mri-")
    except OSError as error:
        raise SettingsError(
            f"SERVICE_WORKERS={settings.workers} needs a folder for temporary files ({error.strerror}): set TMPDIR."
        ) from error
    with scratch as folder:
        return Supervisor(settings, port, Path(folder)).run()


def run_worker(settings: Settings, port: socket.socket, index: int, metrics: Path) -> None:
    """Be one worker: what a new process begins with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal; the supervisor passes it on as SIGTERM
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # everything is about to be read anyway
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _RELOADING)
    from service.worker import Place, serve

    configure_logging()
    try:
        serve(settings, Place(index, port, metrics))
    except ServiceError as error:
        sys.stderr.write(f"brain-mri-service: {error}\n")
        sys.exit(EXIT_REFUSED)


def _was_refused(worker: _Worker) -> bool:
    return worker.process.exitcode == EXIT_REFUSED and not worker.is_successor


def _cause(exit_code: int) -> str:
    """Return the name of the signal, or the exit code."""
    return signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"


def _send_signals_to(waker: socket.socket) -> None:
    """Write the numbers of signals to a socket, whose other end a wait can be for."""
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    for number in (*_STOPPING, *_RELOADING):
        signal.signal(number, _nothing)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Leave a signal to the socket."""


@contextmanager
def _hangups_held_back() -> Iterator[None]:
    """Keep SIGHUP from a process that has no handler yet and would die of it; that one lets it in again."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _RELOADING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _RELOADING)
