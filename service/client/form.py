"""A file in the framing of `multipart/form-data` (RFC 7578), read from disk while it is sent."""

import secrets
from collections.abc import Iterator

from service.client.files import NamedFile, unreadable
from service.errors import ClientError

_PIECE_BYTES = 256 * 1024


class Form:
    """The body of a request that brings one file in one field; the name of the file is left out of it."""

    def __init__(self, file: NamedFile, field: str) -> None:
        """Take the size; raises ClientError where the file is gone."""
        self._file = file
        self.boundary = secrets.token_hex(16)
        disposition = f'Content-Disposition: form-data; name="{field}"; filename="file"'
        self._head = f"--{self.boundary}\r\n{disposition}\r\n\r\n".encode()
        self._tail = f"\r\n--{self.boundary}--\r\n".encode()
        try:
            self._size = file.path.stat().st_size
        except OSError as error:
            raise unreadable(file, error) from error

    @property
    def content_type(self) -> str:
        """The value of the header."""
        return f"multipart/form-data; boundary={self.boundary}"

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces, `len(self)` bytes in all; raises ClientError for a file that became shorter."""
        yield self._head
        yield from self._content()
        yield self._tail

    def _content(self) -> Iterator[bytes]:
        left = self._size
        try:
            with self._file.path.open("rb") as file:
                while left and (piece := file.read(min(left, _PIECE_BYTES))):
                    left -= len(piece)
                    yield piece
        except OSError as error:
            raise unreadable(self._file, error) from error
        if left:
            raise ClientError(f"{self._file.name}: the file became shorter while it was read.")
