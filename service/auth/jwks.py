"""The public keys of a token issuer: fetched once, kept for a while, fetched anew when a key is not among them."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from service.auth.failure import AuthFailure
from service.errors import IssuerUnavailable

if TYPE_CHECKING:
    from http.client import HTTPResponse

TTL_S = 300.0
"""So long is a set of keys taken for the current one."""
STALE_S = 3600.0
"""So long it serves while the issuer cannot be reached; then no token is accepted."""
COOL_DOWN_S = 10.0
"""So long nothing is fetched after an attempt, whatever keys are asked for: strangers must not drive the fetching."""
_TIMEOUT_S = 5.0
_TOTAL_S = 10.0
_MAX_BYTES = 1024 * 1024
_LOG = logging.getLogger("service.auth")

Jwk = Mapping[str, Any]
Fetch = Callable[[str], list[dict[str, Any]]]


class KeySet:
    """Looks keys up by their id; `told` learns the outcome of each fetch, `success` or `failure`."""

    def __init__(self, url: str, told: Callable[[str], None], fetch: "Fetch | None" = None) -> None:
        self._url = url
        self._told = told
        self._fetch = fetch or fetch_keys
        self._keys: dict[str | None, Jwk] = {}
        self._fetched = self._attempted = -float("inf")
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def key(self, key_id: str | None) -> Jwk:
        """Return the key; a token without an id fits the only key of a set.

        Raises AuthFailure for an unknown id, IssuerUnavailable when there are no keys fresh enough to ask.
        """
        if key_id not in self._keys or self._age() > STALE_S:
            await self._refresh(key_id)
        elif self._age() > TTL_S and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh(key_id))
        if self._age() > STALE_S:
            raise IssuerUnavailable(
                "The keys of the token issuer cannot be fetched. Try again later, or use an API key.",
                retry_after_s=int(COOL_DOWN_S),
            )
        if key_id not in self._keys:
            raise AuthFailure("unknown-key-id")
        return self._keys[key_id]

    async def _refresh(self, key_id: str | None) -> None:
        """Fetch, unless somebody just did: who waited for the lock finds the work done."""
        async with self._lock:
            now = time.monotonic()
            if now - self._attempted < COOL_DOWN_S or (key_id in self._keys and self._age() <= TTL_S):
                return
            self._attempted = now
            try:
                keys = await asyncio.to_thread(self._fetch, self._url)
            except Exception as error:  # of the network, of TLS or of the content; none may end a request
                self._told("failure")
                _LOG.warning("the token issuer's keys cannot be fetched", extra={"reason": type(error).__name__})
                return
            self._told("success")
            self._fetched = time.monotonic()
            self._keys = index(keys)

    def _age(self) -> float:
        return time.monotonic() - self._fetched


def index(keys: list[dict[str, Any]]) -> dict[str | None, Jwk]:
    """Return the keys for signatures by their id; the only one stands under None too."""
    usable = [key for key in keys if key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP")]
    indexed: dict[str | None, Jwk] = {key["kid"]: key for key in usable if isinstance(key.get("kid"), str)}
    return indexed | ({None: usable[0]} if len(usable) == 1 else {})


def fetch_keys(url: str) -> list[dict[str, Any]]:
    """Return the members of a JWK Set (RFC 7517 section 5); raises OSError or ValueError."""
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Unmoved(HTTPRedirectHandler):
        """Follows no redirect: it could lead from https to http, where anybody can swap the keys."""

        def redirect_request(self, *_: object) -> None:
            return None

    request = Request(url, headers={"Accept": "application/json"})
    with build_opener(Unmoved).open(request, timeout=_TIMEOUT_S) as answer:
        content = b"".join(_pieces(answer, time.monotonic() + _TOTAL_S))
    if len(content) > _MAX_BYTES:
        raise ValueError("the key set is too large")
    document = json.loads(content)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a key set")
    return [key for key in document["keys"] if isinstance(key, dict)]


def _pieces(answer: "HTTPResponse", end: float) -> Iterator[bytes]:
    """Yield what arrives until `end`, and little more than may be kept; a timeout of a socket is for one read only."""
    received = 0
    while received <= _MAX_BYTES and (piece := answer.read1(65536)):
        if time.monotonic() > end:
            raise TimeoutError
        received += len(piece)
        yield piece
