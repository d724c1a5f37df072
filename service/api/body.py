"""Collect the one image of a request body, in memory and never more of it than is accepted."""

import io
from typing import Protocol

from service.errors import PayloadTooLarge


class Body(Protocol):
    """Takes the body piece by piece and gives the image at the end."""

    limit: int

    def feed(self, chunk: bytes) -> None:
        """Take the next piece; raises a ProblemError as soon as it is clear that the body will be refused."""

    def finish(self) -> bytes:
        """Return the image; raises a ProblemError when the body holds none."""


class RawBody:
    """The whole body is the image."""

    def __init__(self, max_bytes: int) -> None:
        self.limit = max_bytes
        self._image = io.BytesIO()

    def feed(self, chunk: bytes) -> None:
        """Append; raises PayloadTooLarge past the limit."""
        self._image.write(chunk)
        if self._image.tell() > self.limit:
            raise too_large(self.limit)

    def finish(self) -> bytes:
        """Return all that was fed."""
        return self._image.getvalue()


def too_large(limit: int) -> PayloadTooLarge:
    """Refuse a body of more than `limit` bytes."""
    return PayloadTooLarge(
        f"More than {limit} bytes were sent. Send a smaller image, or raise SERVICE_MAX_BYTES on the server."
    )
