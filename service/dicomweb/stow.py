"""STOW-RS: store instances (DICOM PS3.18 section 10.5)."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from service.dicomweb.session import ArchiveSession
from service.errors import PeerRefused, PeerUnavailable

_FAILED = "00081198"  # Failed SOP Sequence
_REFERENCED = "00081199"  # Referenced SOP Sequence
_FAILURE_REASON = "00081197"
_WARNING_REASON = "00081196"
_OUT_OF_RESOURCES = range(0xA700, 0xA800)
_PROCESSING_FAILURE = 0x0110


class StowUser:
    """Stores one object with each request."""

    def __init__(self, session: ArchiveSession, warned: Callable[[], None] = lambda: None) -> None:
        """`warned` is called for an object that was taken with a warning."""
        self._session = session
        self._warned = warned

    def store(self, data: bytes) -> None:
        """Store a DICOM file; raises PeerUnavailable or PeerRefused unless the archive says that it has taken it."""
        boundary = uuid.uuid4().hex
        head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n"
        headers = {
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
            "Accept": "application/dicom+json",
        }
        status, body = self._session.post(
            "/studies", head.encode() + data + f"\r\n--{boundary}--\r\n".encode(), headers
        )
        _judge(status, _answer(body), self._warned)


def _answer(body: bytes) -> dict[str, Any]:
    """Return the data set of the answer; an archive may leave it out, or send XML all the same."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _judge(status: int, answer: dict[str, Any], warned: Callable[[], None]) -> None:
    """Tell what the archive did with the one object (PS3.18 section 10.5.3, PS3.3 section C.12.1.9)."""
    failure = _reason(answer, _FAILED, _FAILURE_REASON)
    if failure is not None or status == 409:
        code = failure or 0
        if code in _OUT_OF_RESOURCES or code == _PROCESSING_FAILURE:
            raise PeerUnavailable(f"STOW failure {code:04X}")
        raise PeerRefused(f"STOW failure {code:04X}")
    if status == 202 or _reason(answer, _REFERENCED, _WARNING_REASON) is not None:
        warned()


def _reason(answer: dict[str, Any], sequence: str, attribute: str) -> int | None:
    """Return the reason that the first item of the sequence states; 0 where there is an item without one."""
    try:
        item = answer[sequence]["Value"][0]
    except (KeyError, IndexError, TypeError):
        return None
    try:
        return int(item[attribute]["Value"][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return 0 if sequence == _FAILED else None
