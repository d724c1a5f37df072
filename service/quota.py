"""A number of places of a kind, such as batches at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.errors import QueueFull

RETRY_WHEN_FULL_S = 1


class Quota:
    """Places that are taken and given back on the event loop."""

    def __init__(self, places: int, kind: str) -> None:
        self._places = places
        self._kind = kind
        self._taken = 0

    @property
    def free(self) -> int:
        """Places that nobody holds."""
        return self._places - self._taken

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Take a place for the time of a block; raises QueueFull."""
        if self.free < 1:
            raise QueueFull(
                f"{self._places} {self._kind} are being answered already. Send yours again later.",
                retry_after_s=RETRY_WHEN_FULL_S,
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
