"""WADO-RS: retrieve metadata and instances (DICOM PS3.18 section 10.4)."""

import io
from collections.abc import Iterable

from pydicom import Dataset
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from service.dicomweb.json_model import read_datasets
from service.dicomweb.session import ArchiveSession, Received
from service.errors import PeerRefused, PeerTooLarge

_METADATA_BYTES = 64 * 1024 * 1024
_FRAMING_BYTES = 64 * 1024
_FILE = 'multipart/related; type="application/dicom"; transfer-syntax=*'
"""As it is stored: the decoders know more transfer syntaxes than an archive may be able to convert."""


class WadoUser:
    """Every method raises PeerError."""

    def __init__(self, session: ArchiveSession) -> None:
        self._session = session

    def metadata(self, study: str, series: str, keywords: Iterable[str]) -> list[Dataset]:
        """Return of each instance of a series the attributes of these keywords."""
        path = f"/studies/{study}/series/{series}/metadata"
        return read_datasets(self._session.get(path, "application/dicom+json", _METADATA_BYTES).body, keywords)

    def instance(self, study: str, series: str, instance: str, max_bytes: int) -> bytes:
        """Return the DICOM file of an instance; raises PeerTooLarge where it has more than `max_bytes`."""
        path = f"/studies/{study}/series/{series}/instances/{instance}"
        answer = self._session.get(path, _FILE, max_bytes + _FRAMING_BYTES)
        parts = [answer.body] if _is_bare(answer) else _parts(answer)
        if len(parts) != 1:
            raise PeerRefused(f"an answer of {len(parts)} objects where one was asked for")
        if len(parts[0]) > max_bytes:
            raise PeerTooLarge(f"an object of more than {max_bytes} bytes")
        return parts[0]


def _is_bare(answer: Received) -> bool:
    return answer.content_type.partition(";")[0].strip().lower() == "application/dicom"


class _Parts:
    """The bodies of the parts of a message, gathered while it is parsed."""

    def __init__(self) -> None:
        self.files: list[io.BytesIO] = []
        self.is_whole = False

    def begin(self) -> None:
        self.files.append(io.BytesIO())

    def extend(self, data: bytes, start: int, end: int) -> None:
        self.files[-1].write(data[start:end])

    def end(self) -> None:
        self.is_whole = True


def _parts(answer: Received) -> list[bytes]:
    """Return the bodies of the parts of a `multipart/related` message (RFC 2387)."""
    kind, options = parse_options_header(answer.content_type)
    if kind != b"multipart/related":
        raise PeerRefused("an answer that is neither multipart/related nor application/dicom")
    parts = _Parts()
    try:
        parser = MultipartParser(
            options.get(b"boundary", b""),
            {"on_part_begin": parts.begin, "on_part_data": parts.extend, "on_end": parts.end},
        )
        parser.write(answer.body.lstrip(b"\r\n"))  # some archives begin with an empty line
    except FormParserError as error:
        raise PeerRefused("an answer whose parts cannot be told apart") from error
    if not parts.is_whole:
        raise PeerRefused("an answer that ends before its last part")
    return [file.getvalue() for file in parts.files]
