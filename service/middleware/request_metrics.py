"""Count every request and time it, whatever route answers it and however its answer is sent."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import RequestLabels
from service.middleware.labels import CLIENT_GONE, is_image_request, method_of, route_of
from service.runtime import Runtime


class RequestMetrics:
    """Counts when the answer has ended; of image requests it also times the upload and the whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            exchange.count()


class _Exchange:
    """One request and its answer, with the times of both."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._runtime: Runtime = scope["app"].state.runtime
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self._upload_began: float | None = None
        self._uploaded = False
        self._status = CLIENT_GONE

    async def receive(self) -> Message:
        if self._upload_began is None:
            self._upload_began = time.perf_counter()
        message = await self._receive()
        if not self._uploaded and message["type"] == "http.request" and not message.get("more_body", False):
            self._uploaded = True
            if is_image_request(self._scope):
                self._runtime.observer.took("upload", time.perf_counter() - self._upload_began)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        await self._send(message)

    def count(self) -> None:
        scope = self._scope
        seconds = time.perf_counter() - self._began
        problem = scope["state"].get("problem", "none")
        self._runtime.metrics.request(RequestLabels(method_of(scope), route_of(scope), self._status, problem), seconds)
        if is_image_request(scope):
            self._runtime.observer.took("total", seconds)
