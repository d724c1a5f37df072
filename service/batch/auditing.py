"""One audit line for each image of a batch, in the thread that works on it and before its result is sent."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.audit import ANSWERED, Asker, Auditor, ImageNote
from service.errors import UNEXPECTED_ERROR, ProblemError
from service.schemas import ModelIdentity


@dataclass
class Turn:
    """The work on one result; once it is `given_up`, for its time is up, a thread still at it says nothing."""

    index: int
    digest: Callable[[], str | None] = lambda: None
    given_up: bool = False


class Audit:
    """Tells nobody: for a person who asks a model on their own machine."""

    @contextmanager
    def image(self, turn: Turn, input_sha256: str | None = None) -> Iterator[ImageNote]:
        """Give a note that nobody reads."""
        yield ImageNote()


UNAUDITED = Audit()


@dataclass(frozen=True)
class BatchAudit(Audit):
    """Who asked for a batch, which model answers it, and who is to be told of its images."""

    auditor: Auditor
    asker: Asker
    model: ModelIdentity

    @contextmanager
    def image(self, turn: Turn, input_sha256: str | None = None) -> Iterator[ImageNote]:
        """Log what becomes of a result: an answer where one is noted inside, or the error that is raised inside.

        What is neither has no line of its own: a file that could be opened. Raises AuditUnavailable.
        """
        note, began = ImageNote(input_sha256, self.model), time.perf_counter()
        try:
            yield note
        except Exception as error:
            outcome = error.code if isinstance(error, ProblemError) else UNEXPECTED_ERROR
            if not turn.given_up:
                self.auditor.image(self.asker, turn.index, note, outcome, time.perf_counter() - began)
            raise
        if note.prediction and not turn.given_up:
            self.auditor.image(self.asker, turn.index, note, ANSWERED, time.perf_counter() - began)
