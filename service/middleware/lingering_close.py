"""Let a client read an answer that was given before its body had been read.

A server that closes a socket with unread input resets the connection, and the client may lose the answer (RFC 9112
section 9.6). So the answer is sent whole, with `Connection: close`, and what still arrives is thrown away for a while
before the connection is closed.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOTAL_S = 30.0
SILENCE_S = 2.0


class LingeringClose:
    """Throws the rest of an unread body away for up to 30 s in all or 2 s of silence, then closes the connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http" or not _announces_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send)
        await self._app(scope, exchange.receive, exchange.send)


class _Exchange:
    """One request with a body, and its answer."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._body_ended = False
        self._lingers = False

    async def receive(self) -> Message:
        message = await self._receive()
        if not message.get("more_body", False):  # the last piece, or a disconnect
            self._body_ended = True
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self._body_ended:
            self._lingers = True
            MutableHeaders(scope=message)["Connection"] = "close"
        if not self._lingers or message.get("more_body", False) or message["type"] != "http.response.body":
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        await self._discard_rest()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _discard_rest(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + TOTAL_S
        try:
            while not self._body_ended:
                async with asyncio.timeout_at(min(end, loop.time() + SILENCE_S)):
                    await self.receive()
        except TimeoutError:
            return


def _announces_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
