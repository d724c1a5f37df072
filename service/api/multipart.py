"""The files inside a `multipart/form-data` body (RFC 7578), parsed while it arrives.

Starlette's own parser spools large files to disk; this one keeps them in memory, because the container has no writable
file system and because image content must not reach a disk. The name of a file is never read.
"""

import io
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from service.api.body import image_too_large
from service.errors import InvalidRequest, MalformedRequest, PayloadTooLarge

FIELD = "file"
FRAMING_BYTES = 64 * 1024
T = TypeVar("T")


class MultipartReader(ABC, Generic[T]):
    """A form of one field; subclasses say what becomes of its parts."""

    def __init__(self, boundary: bytes, field: str, limit: int) -> None:
        self.limit = limit
        self._field = field
        self._received = 0
        self._complete = False
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        self._parser = self._build_parser(boundary)

    def feed(self, chunk: bytes) -> None:
        """Parse; raises MalformedRequest, InvalidRequest or PayloadTooLarge."""
        self._received += len(chunk)
        if self._received > self.limit:
            raise self.too_large()
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _malformed() from error

    def finish(self) -> T:
        """Return what was sent; raises MalformedRequest without a closing boundary, InvalidRequest without a file."""
        if not self._complete:
            raise _malformed()
        return self._content()

    @abstractmethod
    def too_large(self) -> PayloadTooLarge:
        """Return why a body beyond the limit is refused."""

    @abstractmethod
    def _begin(self) -> None:
        """Begin a part of the wanted field."""

    @abstractmethod
    def _extend(self, data: bytes) -> None:
        """Take more of the part."""

    @abstractmethod
    def _content(self) -> T:
        """Return what the parts held."""

    def _build_parser(self, boundary: bytes) -> MultipartParser:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise _malformed() from error

    def _on_part_begin(self) -> None:
        self._disposition = b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise _malformed()
        if options[b"name"] != self._field.encode():
            raise InvalidRequest(
                f"The form has a field that is not '{self._field}'. Send nothing but images, in '{self._field}'."
            )
        self._begin()

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._extend(data[start:end])

    def _on_end(self) -> None:
        self._complete = True


class MultipartBody(MultipartReader[bytes]):
    """Exactly one field, named `file`."""

    def __init__(self, boundary: bytes, max_bytes: int) -> None:
        super().__init__(boundary, FIELD, max_bytes + FRAMING_BYTES)
        self._max_bytes = max_bytes
        self._image: io.BytesIO | None = None

    def too_large(self) -> PayloadTooLarge:
        """Refuse more bytes than one image may have."""
        return image_too_large(self._max_bytes)

    def _begin(self) -> None:
        if self._image is not None:
            raise InvalidRequest(
                "The form has more than one file. Send one image per request, or all of them to /predict/batch."
            )
        self._image = io.BytesIO()

    def _extend(self, data: bytes) -> None:
        assert self._image is not None
        self._image.write(data)
        if self._image.tell() > self._max_bytes:
            raise self.too_large()

    def _content(self) -> bytes:
        if self._image is None:
            raise InvalidRequest(f"The form is empty. Send the image in the field '{FIELD}'.")
        return self._image.getvalue()


def boundary_of(content_type: str) -> bytes:
    """Return the boundary parameter; raises MalformedRequest when there is none."""
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise MalformedRequest("The multipart body has no boundary. Let the HTTP library set the Content-Type.")
    return boundary


def _malformed() -> MalformedRequest:
    return MalformedRequest("The multipart body is broken or was cut off. Let the HTTP library build it.")
