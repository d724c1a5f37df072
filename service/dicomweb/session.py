"""Requests to an archive: authentication, TLS and time-outs, and what their failures mean."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from service.dicomweb.options import DicomWebOptions
from service.errors import PeerLacks, PeerRefused, PeerTooLarge, PeerUnavailable

ANSWER_BYTES = 1024 * 1024
"""What an answer to a request that stores may hold."""
_TRY_AGAIN = (401, 403, 404, 408, 425, 429)
"""Of the statuses below 500 those that an operator, or time, may mend."""
_GONE = (404, 410)
_PIECE_BYTES = 256 * 1024
_WHOLE_ANSWER = 10
"""How many time-outs a whole answer may take: each is the time without any byte."""


class Received(NamedTuple):
    """The body of an answer and its Content-Type."""

    content_type: str
    body: bytes


class ArchiveSession:
    """Use it in one thread. Secrets are read anew for each request, so that they can be changed while it runs."""

    def __init__(self, options: DicomWebOptions) -> None:
        self._options = options
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor .netrc of whoever started the process
        self._session.verify = str(options.ca) if options.ca else True
        if options.cert:
            self._session.cert = (str(options.cert), str(options.key or options.cert))

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body of the answer, the body cut at ANSWER_BYTES; raises PeerUnavailable or PeerRefused."""
        with _reached():
            answer = self._session.post(
                self._options.url.rstrip("/") + path,
                data=body,
                headers=headers,
                timeout=self._options.timeout_s,
                allow_redirects=False,
                stream=True,
                **self._credentials(),
            )
            with answer:
                content = next(answer.iter_content(ANSWER_BYTES), b"")
        _judge(answer.status_code)
        return answer.status_code, content

    def get(self, path: str, accept: str, max_bytes: int, query: Mapping[str, str | int] | None = None) -> Received:
        """Return the answer; raises PeerLacks, PeerUnavailable, PeerRefused or PeerTooLarge."""
        with _reached():
            answer = self._session.get(
                self._options.url.rstrip("/") + path,
                params=query,
                headers={"Accept": accept},
                timeout=self._options.timeout_s,
                allow_redirects=False,
                stream=True,
                **self._credentials(),
            )
            with answer:
                if answer.status_code in _GONE:
                    raise PeerLacks(f"HTTP {answer.status_code}")
                _judge_get(answer.status_code)
                return Received(answer.headers.get("Content-Type", ""), self._body(answer, max_bytes))

    def _body(self, answer: requests.Response, max_bytes: int) -> bytes:
        latest = time.monotonic() + _WHOLE_ANSWER * self._options.timeout_s
        body = bytearray()
        while piece := _what_is_there(answer):
            body += piece
            if len(body) > max_bytes:
                raise PeerTooLarge(f"an answer of more than {max_bytes} bytes")
            if time.monotonic() > latest:
                raise PeerUnavailable("no whole answer in time")
        return bytes(body)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _credentials(self) -> dict[str, Any]:
        options = self._options
        if options.token_file:
            token = _secret(options.token_file)
            return {"auth": lambda request: _with_token(request, token)}
        if options.user is not None and options.password_file:
            return {"auth": (options.user, _secret(options.password_file))}
        return {}


def _what_is_there(answer: requests.Response) -> bytes:
    """Return what has come, be it one byte; `requests` itself waits until it has as much as it was asked for."""
    return bytes(answer.raw.read1(_PIECE_BYTES, decode_content=True))


def _with_token(request: requests.PreparedRequest, token: str) -> requests.PreparedRequest:
    request.headers["Authorization"] = f"Bearer {token}"
    return request


def _secret(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PeerUnavailable("the file of the password or token cannot be read") from error


@contextmanager
def _reached() -> Iterator[None]:
    """Name why there is no answer; nothing of what the library says, which may quote addresses and answers."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise PeerUnavailable("TLS: a certificate is not accepted") from error
    except (requests.Timeout, TimeoutError, ReadTimeoutError) as error:
        raise PeerUnavailable("no answer in time") from error
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise PeerUnavailable("no connection, or one that broke") from error


def _judge_get(status: int) -> None:
    if status == 409:
        raise PeerRefused(f"HTTP {status}")
    _judge(status)


def _judge(status: int) -> None:
    if status >= 500 or status in _TRY_AGAIN:
        raise PeerUnavailable(f"HTTP {status}")
    if status != 409 and not 200 <= status < 300:  # a 409 of STOW-RS says for each object what was wrong with it
        raise PeerRefused(f"HTTP {status}")
