"""The model in processes of its own: they share no interpreter with the listener, which outlives them."""

import contextlib
import logging
import multiprocessing
import queue
import signal
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from service.classifier import load_classifier
from service.errors import ServiceError
from service.heap import return_freed_memory
from service.imaging import Limits
from service.logs import configure_logging
from service.observer import Observer, Stage
from service.prediction import Predictor
from service.series import answer_object
from service.settings import Settings

PATIENCE_S = 600.0
"""How long an object may take before its process is ended."""
_LOG = logging.getLogger("service.dicom_node")
_LOADING_S = 30.0
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


Told = list[tuple[str, tuple[Any, ...]]]
"""Methods of an observer with their arguments."""


class ModelUnavailable(ServiceError):
    """The process could not load the model."""


class ModelProcessDied(ServiceError):
    """The process ended, or had to be ended, over an object."""


class ObjectUnread(ServiceError):
    """The process could not read the file."""


@dataclass
class _Recorder(Observer):
    """Keeps what an observer of another process is to be told."""

    told: Told = field(default_factory=list)

    def took(self, stage: Stage, seconds: float) -> None:
        self.told.append(("took", (stage, seconds)))

    def classified(self, label: str, decision: str, probability: float, novelty: float) -> None:
        self.told.append(("classified", (label, decision, probability, novelty)))

    def take(self) -> Told:
        told, self.told = self.told, []
        return told


class ModelProcesses:
    """As many processes as objects are to be answered at once; `observer` is told what happens to their images."""

    def __init__(self, settings: Settings, sha256: str, observer: Observer) -> None:
        """`sha256` is that of the model's file: a process that finds another there does not answer."""
        self._observer = observer
        self._children = [_Child(settings, sha256) for _ in range(settings.threads)]
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()

    def start(self) -> None:
        """Start them, without waiting until they have loaded the model."""
        for child in self._children:
            child.start()
            self._idle.put(child)

    def answer(self, path: Path, request_id: str) -> str:
        """Return the `ObjectAnswers` to a file as JSON, from any thread; raises one of the errors above."""
        child = self._idle.get()
        try:
            text, told = child.ask(path, request_id)
        finally:
            self._idle.put(child)
        for name, arguments in told:
            getattr(self._observer, name)(*arguments)
        return text

    def stop(self) -> None:
        """End them; nobody may ask any more."""
        for child in self._children:
            child.stop()


class _Child:
    """One process, started anew when it dies."""

    def __init__(self, settings: Settings, sha256: str) -> None:
        self._arguments = (settings, sha256)
        self._context: Any = multiprocessing.get_context(_METHOD)
        if _METHOD == "forkserver":
            self._context.set_forkserver_preload([__name__])
        self._process: Any = None
        self._pipe: Any = None
        self._is_ready = False

    def start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(theirs, *self._arguments), daemon=True)
        self._process.start()
        self._is_ready = False
        theirs.close()

    def ask(self, path: Path, request_id: str) -> tuple[str, Told]:
        """Return the answers and what is to be told; the process is another one when this raises that it died."""
        if not self._is_ready:
            self._receive(ModelUnavailable("the process of the model does not start: see its lines in the log"))
            self._is_ready = True
        with contextlib.suppress(OSError):  # that it has died is seen when it is listened to
            self._pipe.send((str(path), request_id))
        answered = self._receive(ModelProcessDied("the process of the model has ended over an object"))
        if answered is None:
            raise ObjectUnread("the file of an object cannot be read")
        text, told = answered
        return text, told

    def stop(self) -> None:
        """End the process; it may finish loading the model."""
        if self._process is not None:
            self._pipe.close()
            self._process.join(_LOADING_S)
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None

    def _receive(self, missing: ServiceError) -> Any:
        """Return what the process says; where it says nothing and ends, another is started, and `missing` raised."""
        try:
            if self._pipe.poll(PATIENCE_S):
                return self._pipe.recv()
            self._process.kill()
        except (EOFError, OSError):
            pass
        self.stop()
        self.start()
        raise missing


def serve(pipe: Connection, settings: Settings, sha256: str) -> None:
    """Answer until the other end of the pipe is closed, or its process ends."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # it is the node that decides
    configure_logging()
    return_freed_memory()
    classifier = load_classifier(settings.model_path)
    if classifier.sha256 != sha256:
        _LOG.error("the model's file has changed; start the node again")
        return
    classifier.observer = recorder = _Recorder()
    predictor = Predictor(classifier, Limits(settings.max_pixels), settings.novelty_policy, settings.header_policy)
    with contextlib.suppress(EOFError, OSError):  # the node has ended
        pipe.send("ready")
        while True:
            path, request_id = pipe.recv()
            pipe.send(_answered(predictor, recorder, Path(path), request_id))


def _answered(predictor: Predictor, recorder: _Recorder, path: Path, request_id: str) -> Any:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return answer_object(predictor, data, request_id).model_dump_json(), recorder.take()
