"""`GET /health` and `GET /metrics` of a process that serves something else, in a thread of its own."""

import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.listening import listen

_TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


class Monitor:
    """Answers from `start` to `stop`; `health` gives what is said of the process, `status` "ready" among it."""

    def __init__(self, health: Callable[[], dict[str, Any]], metrics: Callable[[], bytes]) -> None:
        self._health = health
        self._metrics = metrics
        routes = [Route("/health", self._on_health), Route("/metrics", self._on_metrics)]
        self._server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False))
        self._thread: threading.Thread | None = None

    def start(self, host: str, port: int, prefix: str) -> int:
        """Answer, and return the port; raises SettingsError naming the settings `prefix`* where it cannot be used."""
        opened = listen(host, port, prefix)
        self._thread = threading.Thread(target=self._server.run, args=([opened],), name="monitor")
        self._thread.start()
        return int(opened.getsockname()[1])

    def stop(self) -> None:
        """Answer no more."""
        self._server.should_exit = True
        if self._thread:
            self._thread.join()

    def _on_health(self, _: Request) -> Response:
        health = self._health()
        return JSONResponse(health, 200 if health["status"] == "ready" else 503)

    def _on_metrics(self, _: Request) -> Response:
        return Response(self._metrics(), headers={"Content-Type": _TEXT_FORMAT})
