"""Who may enter, who waits, and for how long: a bounded queue before a pool of compute threads.

A request takes a slot before its body is read and gives it back when its work is really done, even if the client was
told meanwhile that the deadline had passed. So memory is bounded by `slots x SERVICE_MAX_BYTES`, and a client that
cannot be served is told so before it uploads.

A batch takes one slot for all its images, which enter the queue of the pool one by one, behind whoever waits there: it
never occupies more than one thread, and a single request waits for one image of each batch at most.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import Any, Self, TypeVar

from service.errors import DeadlineExceeded, NotReady, QueueFull
from service.observer import Observer
from service.quota import RETRY_WHEN_FULL_S

RETRY_WHEN_DRAINING_S = 5

T = TypeVar("T")


class Admission:
    """Admits `threads + queue_length` requests at once and computes `threads` of them."""

    def __init__(self, threads: int, queue_length: int, observer: Observer | None = None) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="compute")
        self._observer = observer or Observer()
        self.threads = threads
        self.capacity = threads + queue_length
        self._lock = threading.Lock()
        self._occupied = 0
        self._draining_since: float | None = None
        self._waiting = 0

    @property
    def draining(self) -> bool:
        """Whether the service has stopped admitting."""
        return self._draining_since is not None

    @property
    def occupied(self) -> int:
        """Slots taken: requests being read, waiting or being computed."""
        return self._occupied

    @property
    def waiting(self) -> int:
        """Work that waits for a thread."""
        return self._waiting

    def admit(self, deadline_s: float) -> "Slot":
        """Take a slot or raise NotReady or QueueFull; the deadline runs from now. Call it on the event loop."""
        if self.draining:
            raise NotReady("The service is shutting down. Try another instance.", retry_after_s=RETRY_WHEN_DRAINING_S)
        with self._lock:
            if self._occupied >= self.capacity:
                raise QueueFull(
                    f"All {self.capacity} places are taken. Send the image again later.",
                    retry_after_s=RETRY_WHEN_FULL_S,
                )
            self._occupied += 1
        return Slot(self, asyncio.get_running_loop().time() + deadline_s)

    def drain(self) -> None:
        """Admit nobody from now on; who is in, is served."""
        self._draining_since = self._draining_since or time.monotonic()

    def drained_for(self) -> float:
        """Return for how many seconds nobody has been admitted, 0 where the service is open."""
        return 0.0 if self._draining_since is None else time.monotonic() - self._draining_since

    def close(self) -> None:
        """Wait for running work and end the threads."""
        self.drain()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Hand `work` to the threads, in the context of the request; it waits behind what was handed over before."""
        submitted, context = time.perf_counter(), copy_context()

        def run() -> T:
            left_queue()
            context.run(self._observer.took, "queue", time.perf_counter() - submitted)
            return context.run(work)

        left_queue = self._enter_queue()
        job = self._pool.submit(run)
        job.add_done_callback(lambda _: left_queue())
        return job

    def _enter_queue(self) -> Callable[[], None]:
        """Count one more that waits; return what takes it off again, once however often it is called."""
        with self._lock:
            self._waiting += 1
        waits = [1]

        def leave() -> None:
            with self._lock:
                self._waiting -= waits.pop() if waits else 0

        return leave

    def release(self) -> None:
        """Give one slot back; called from any thread."""
        with self._lock:
            self._occupied -= 1


class Slot:
    """One admitted request: `with admission.admit(30) as slot: ... await slot.run(work)`.

    It is free again when the block has been left and all its work has ended, one at a time.
    """

    def __init__(self, admission: Admission, deadline: float) -> None:
        self._admission = admission
        self._lock = threading.Lock()
        self._holders = 1
        self._running: Future[Any] | None = None
        self.deadline = deadline

    async def run(self, work: Callable[[], T], deadline: float | None = None) -> T:
        """Compute `work` in a thread of the pool; raises DeadlineExceeded at `deadline` (loop time).

        Work that outlived its own deadline is waited for first.
        """
        deadline = self.deadline if deadline is None else deadline
        if self._running is not None and not self._running.done():
            (await _ended(self._running, deadline)).exception()
        job = self._admission.submit(work)
        self._hold()
        job.add_done_callback(lambda _: self._let_go())
        try:
            return (await _ended(job, deadline)).result()
        finally:
            job.cancel()  # one that still waits in the queue never starts; a running one cannot be stopped
            self._running = None if job.done() else job
            del job  # an error's traceback leads here: were the job still, the two would hold the image until a sweep

    def _hold(self) -> None:
        with self._lock:
            self._holders += 1

    def _let_go(self) -> None:
        with self._lock:
            self._holders -= 1
            free = self._holders == 0
        if free:
            self._admission.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()


async def _ended(job: Future[T], deadline: float) -> "asyncio.Future[T]":
    """Wait for the end of a job and return its outcome; raises DeadlineExceeded."""
    outcome = asyncio.wrap_future(job)
    try:
        await asyncio.wait({outcome}, timeout=deadline - asyncio.get_running_loop().time())
        if not outcome.done():
            raise DeadlineExceeded(
                "The image was not computed before the deadline. Send it again later, or raise SERVICE_DEADLINE_S."
            )
        return outcome
    finally:
        outcome.cancel()  # nobody is left to take the answer, or the error
