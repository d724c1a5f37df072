"""Where the work on a study is computed, and how long it may take."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from service.errors import DeadlineExceeded

T = TypeVar("T")


@dataclass(frozen=True)
class Computing:
    """`submit` hands work to threads, `at_once` pieces of it at a time; `check` raises where all is to end.

    `deadline` is in the time of `time.monotonic`.
    """

    submit: Callable[[Callable[[], T]], "Future[T]"]
    at_once: int
    deadline: float = field(default=float("inf"))
    check: Callable[[], None] = lambda: None

    def check_time(self) -> None:
        """Raise DeadlineExceeded when the time is up, and what `check` raises."""
        self.check()
        if time.monotonic() >= self.deadline:
            raise _too_late()

    def outcome(self, job: "Future[T]") -> T:
        """Wait for work and return what it gave; raises what it raised, or DeadlineExceeded."""
        left = self.deadline - time.monotonic()
        try:
            return job.result(None if left == float("inf") else max(left, 0))
        except TimeoutError as error:
            if job.done():  # it is the work that raised it
                raise
            job.cancel()
            raise _too_late() from error

    def compute(self, work: Callable[[], T]) -> T:
        """Compute in a thread and wait for it."""
        self.check_time()
        return self.outcome(self.submit(work))


def _too_late() -> DeadlineExceeded:
    return DeadlineExceeded(
        "The study was not computed before the deadline. Narrow SERVICE_DICOMWEB_SELECTION, or raise "
        "SERVICE_BATCH_DEADLINE_S."
    )
