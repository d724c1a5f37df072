"""One audit line for each image request, before its answer leaves."""

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.audit import ANSWERED, Asker, ImageNote
from service.errors import UNEXPECTED_ERROR, AuditUnavailable
from service.middleware.labels import CLIENT_GONE, is_audited, route_of
from service.problems import problem
from service.runtime import Runtime

_SINGLE = "/predict"


class Audit:
    """Gives the route an `ImageNote` in `scope["state"]["image"]` to fill; holds back an answer that must be logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http" or not is_audited(scope):
            await self._app(scope, receive, send)
            return
        scope["state"]["image"] = ImageNote()
        exchange = _Exchange(scope, receive, send)
        await self._app(scope, receive, exchange.send)
        await exchange.end()


class _Exchange:
    """One image request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self._logged = False
        self._withheld = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            try:
                await self._record(message["status"])
            except AuditUnavailable as error:
                self._withheld = message["status"] < 400
                if self._withheld:
                    await problem(self._scope, error)(self._scope, self._receive, self._send)
        if not self._withheld:
            await self._send(message)

    async def end(self) -> None:
        """Log a request that nobody waited for the answer of."""
        if not self._logged:
            try:
                await self._record(CLIENT_GONE)
            except AuditUnavailable:
                return

    async def _record(self, status: int) -> None:
        self._logged = True
        runtime: Runtime = self._scope["app"].state.runtime
        outcome, asker = self._outcome(status), self._asker()
        counted = outcome
        try:
            if runtime.auditor.log:
                seconds = time.perf_counter() - self._began
                note = self._scope["state"]["image"]
                await asyncio.to_thread(runtime.auditor.request, asker, note, outcome, status, seconds)
        except AuditUnavailable as error:
            counted = error.code if outcome == ANSWERED else outcome
            raise
        finally:
            if asker.route == _SINGLE:  # a batch counts each of its images; what is only shown is not judged
                runtime.auditor.count(counted)

    def _asker(self) -> Asker:
        state = self._scope["state"]
        caller = state.get("caller")
        return Asker(state["request_id"], str(caller) if caller else None, route_of(self._scope))

    def _outcome(self, status: int) -> str:
        if status < 400:
            return ANSWERED
        plain = {500: UNEXPECTED_ERROR, CLIENT_GONE: "client-gone"}.get(status, f"status-{status}")
        code: str = self._scope["state"].get("problem", plain)
        return code
