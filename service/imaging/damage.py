"""What a parser stumbles over becomes a problem that a client can read."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.errors import ProblemError, UnreadableImage


@contextmanager
def unreadable_when_damaged(subject: str) -> Iterator[None]:
    """Turn whatever a parser raises on damaged bytes into UnreadableImage; a ProblemError passes.

    Parsers of foreign bytes raise anything: struct.error, KeyError, RecursionError, ...
    """
    try:
        yield
    except ProblemError:
        raise
    except MemoryError as error:
        raise UnreadableImage("Decoding needs more memory than there is. Send a smaller image.") from error
    except Exception as error:
        raise UnreadableImage(
            f"The {subject} is truncated or corrupt and cannot be decoded. Export the image again."
        ) from error
