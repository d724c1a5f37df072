"""Headers that tell a browser to trust nothing but this service, on every answer."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "manifest-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


_RAW = tuple((name.lower().encode(), value.encode()) for name, value in _HEADERS.items())
_CACHING, _TAG = b"cache-control", b"etag"


class SecurityHeaders:
    """Adds what an answer has not set itself. What is no file of this installation is stored by nobody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _complete(message.get("headers", ()))
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _complete(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return raw headers, whose names ASGI has in lower case, with those that are missing."""
    complete = list(headers)
    present = {name for name, _ in complete}
    complete += [header for header in _RAW if header[0] not in present]
    if _CACHING not in present:
        complete.append((_CACHING, b"no-cache" if _TAG in present else b"no-store"))
    return complete
