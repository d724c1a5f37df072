"""The address and the key of a running service."""

import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from service.errors import ClientError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Address:
    """Where a service answers; `prefix` is the path before its own paths."""

    url: str
    host: str
    port: int | None
    prefix: str
    is_tls: bool

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is sent."""
        return self.is_tls or self.host in _LOOPBACK

    def connect(self, timeout_s: float) -> HTTPConnection:
        """Return a connection, not yet open; certificates are verified against the system's authorities."""
        if self.is_tls:
            context = ssl.create_default_context()
            return HTTPSConnection(self.host, self.port, timeout=timeout_s, context=context)
        return HTTPConnection(self.host, self.port, timeout=timeout_s)


def parse_address(url: str) -> Address:
    """Return the address; raises ClientError for anything but http(s)://HOST[:PORT][/PREFIX]."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ClientError(f"--url: {error}. Give it as https://HOST:PORT.") from error
    if parts.scheme not in ("http", "https") or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise ClientError("--url: give it as https://HOST:PORT or http://HOST:PORT.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ClientError("--url: no user, query or fragment may stand in it; a key goes into a file (--api-key-file).")
    return Address(url, host, port, parts.path.rstrip("/"), parts.scheme == "https")


def read_api_key(path: Path) -> str:
    """Return the key, or the token, that is the one line of a file; raises ClientError."""
    try:
        key = path.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else "not ASCII text"
        raise ClientError(f"--api-key-file: {path}: {cause}.") from error
    if not key or not key.isprintable() or " " in key:
        raise ClientError(f"--api-key-file: {path}: one line with the key is expected, and nothing else.")
    return key
