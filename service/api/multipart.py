"""The image inside a `multipart/form-data` body (RFC 7578), parsed while it arrives.

Starlette's own parser spools large files to disk; this one keeps the single file in memory, because the container has
no writable file system and because image content must not reach a disk.
"""

import io

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from service.api.body import too_large
from service.errors import InvalidRequest, MalformedRequest

FIELD = "file"
_FRAMING_BYTES = 64 * 1024


class MultipartBody:
    """Exactly one field, named `file`; its file name is never read."""

    def __init__(self, boundary: bytes, max_bytes: int) -> None:
        self.limit = max_bytes + _FRAMING_BYTES
        self._max_bytes = max_bytes
        self._received = 0
        self._image = io.BytesIO()
        self._found = False
        self._complete = False
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        self._parser = self._build_parser(boundary)

    def feed(self, chunk: bytes) -> None:
        """Parse; raises MalformedRequest, InvalidRequest or PayloadTooLarge."""
        self._received += len(chunk)
        if self._received > self.limit:
            raise too_large(self._max_bytes)
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _malformed() from error

    def finish(self) -> bytes:
        """Return the file; raises MalformedRequest without a closing boundary, InvalidRequest without a file."""
        if not self._complete:
            raise _malformed()
        if not self._found:
            raise InvalidRequest(f"The form is empty. Send the image in the field '{FIELD}'.")
        return self._image.getvalue()

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
        if options[b"name"] != FIELD.encode():
            raise InvalidRequest(f"The form has a field that is not '{FIELD}'. Send the image alone, in '{FIELD}'.")
        if self._found:
            raise InvalidRequest("The form has more than one file. Send one image per request.")
        self._found = True

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._image.write(data[start:end])
        if self._image.tell() > self._max_bytes:
            raise too_large(self._max_bytes)

    def _on_end(self) -> None:
        self._complete = True


def boundary_of(content_type: str) -> bytes:
    """Return the boundary parameter; raises MalformedRequest when there is none."""
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise MalformedRequest("The multipart body has no boundary. Let the HTTP library set the Content-Type.")
    return boundary


def _malformed() -> MalformedRequest:
    return MalformedRequest("The multipart body is broken or was cut off. Let the HTTP library build it.")
