"""Collect what a request body brings, in memory and never more of it than is accepted."""

import io
from typing import Protocol, TypeVar

from service.errors import PayloadTooLarge

T_co = TypeVar("T_co", covariant=True)


class Body(Protocol[T_co]):
    """Takes the body piece by piece and gives what it brought at the end."""

    limit: int

    def feed(self, chunk: bytes) -> None:
        """Take the next piece; raises a ProblemError as soon as it is clear that the body will be refused."""

    def finish(self) -> T_co:
        """Return what was sent; raises a ProblemError when the body holds no image."""

    def too_large(self) -> PayloadTooLarge:
        """Return why a body beyond the limit is refused."""


class RawBody:
    """The whole body is the image."""

    def __init__(self, max_bytes: int) -> None:
        self.limit = max_bytes
        self._image = io.BytesIO()

    def feed(self, chunk: bytes) -> None:
        """Append; raises PayloadTooLarge past the limit."""
        self._image.write(chunk)
        if self._image.tell() > self.limit:
            raise self.too_large()

    def finish(self) -> bytes:
        """Return all that was fed."""
        return self._image.getvalue()

    def too_large(self) -> PayloadTooLarge:
        """Refuse more bytes than one image may have."""
        return image_too_large(self.limit)


def image_too_large(limit: int) -> PayloadTooLarge:
    """Refuse an image of more than `limit` bytes."""
    return PayloadTooLarge(
        f"More than {limit} bytes were sent. Send a smaller image, or raise SERVICE_MAX_BYTES on the server."
    )


def batch_too_large(limit: int) -> PayloadTooLarge:
    """Refuse a batch of more than `limit` bytes."""
    return PayloadTooLarge(
        f"More than {limit} bytes were sent. Send fewer files at once, or raise SERVICE_MAX_BATCH_BYTES on the server."
    )
