"""Count every request and time it, whatever route answers it and however its answer is sent."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import RequestLabels
from service.middleware.labels import is_image_request, method_of, route_of
from service.runtime import Runtime

CLIENT_GONE = 499


class RequestMetrics:
    """Counts when the answer has ended; of image requests it also times the upload and the whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            exchange.count(scope)


class _Exchange:
    """One request and its answer, with the times of both."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self._upload_began: float | None = None
        self._upload_s: float | None = None
        self._status = CLIENT_GONE

    async def receive(self) -> Message:
        if self._upload_began is None:
            self._upload_began = time.perf_counter()
        message = await self._receive()
        if self._upload_s is None and message["type"] == "http.request" and not message.get("more_body", False):
            self._upload_s = time.perf_counter() - self._upload_began
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        await self._send(message)

    def count(self, scope: Scope) -> None:
        runtime: Runtime = scope["app"].state.runtime
        seconds = time.perf_counter() - self._began
        problem = scope["state"].get("problem", "none")
        runtime.metrics.request(RequestLabels(method_of(scope), route_of(scope), self._status, problem), seconds)
        if is_image_request(scope):
            runtime.metrics.took("total", seconds)
            if self._upload_s is not None:
                runtime.metrics.took("upload", self._upload_s)
