"""One log line a request, without anything the client wrote except a sane request id."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.middleware.labels import CLIENT_GONE, method_of, route_of

_LOG = logging.getLogger("service.access")


class AccessLog:
    """Logs the route's template, never the path; the duration is that until the answer begins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answered: dict[str, float] = {}

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                _LOG.info("request", extra=_fields(scope, message["status"], began))
                answered["status"] = message["status"]
            await send(message)

        await self._app(scope, receive, send_and_note)
        if not answered:
            _LOG.info("request", extra=_fields(scope, CLIENT_GONE, began))


def _fields(scope: Scope, status: int, began: float) -> dict[str, str | int | float | None]:
    return {
        "request_id": scope["state"]["request_id"],
        "method": method_of(scope),
        "route": route_of(scope),
        "status": status,
        "problem": scope["state"].get("problem"),
        "duration_ms": round((time.perf_counter() - began) * 1000, 1),
    }
