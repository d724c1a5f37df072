"""The application behind a real socket, in a thread of the test process."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from service.app import create_app
from service.classifier import Classifier, Result
from service.imaging import Picture
from service.listening import listen
from service.runtime import Runtime
from service.server import Server
from service.settings import Settings

PATIENCE_S = 30.0


@contextmanager
def serve(settings: Settings, classifier: Classifier | None = None) -> Iterator[tuple[httpx.Client, Runtime]]:
    """Serve the application; gives a client of it, and its runtime."""
    with serve_app(create_app(settings, classifier), settings) as served:
        yield served


@contextmanager
def serve_app(app: FastAPI, settings: Settings) -> Iterator[tuple[httpx.Client, Runtime]]:
    """Serve an application made by `create_app`, perhaps with more routes."""
    runtime: Runtime = app.state.runtime
    port = listen("127.0.0.1", 0)
    server = Server(app, settings, runtime.admission)
    thread = threading.Thread(target=server.run, args=([port],))
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        with httpx.Client(base_url=f"http://127.0.0.1:{port.getsockname()[1]}", timeout=PATIENCE_S) as client:
            yield client, runtime
    finally:
        server.stop()
        thread.join(PATIENCE_S)
        port.close()


def wait_until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Poll until the condition holds; raises TimeoutError."""
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the condition did not come true")
        time.sleep(0.005)


def settings_for(model_path: Path, **changes: Any) -> Settings:
    """Return settings for tests: two threads, whatever the environment says."""
    return Settings(**{"model_path": model_path, "threads": 2, **changes})


class GatedClassifier(Classifier):
    """Stops in `classify` until the gate opens, and counts who came in."""

    def __init__(self, model_path: Path) -> None:
        super().__init__(model_path)
        self.gate = threading.Event()
        self.entered = 0

    def classify(self, picture: Picture, explain: bool = False) -> Result:
        self.entered += 1
        if not self.gate.wait(PATIENCE_S):
            raise TimeoutError("nobody opened the gate")
        return super().classify(picture, explain)
