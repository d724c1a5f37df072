"""Who may enter, who waits, and for how long: a bounded queue before a pool of compute threads.

A request takes a slot before its body is read and gives it back when its work is really done, even if the client was
told meanwhile that the deadline had passed. So memory is bounded by `slots x SERVICE_MAX_BYTES`, and a client that
cannot be served is told so before it uploads.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import Self, TypeVar

from service.errors import DeadlineExceeded, NotReady, QueueFull
from service.observer import Observer

RETRY_WHEN_FULL_S = 1
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
        self._waiting = 0
        self._draining = False

    @property
    def draining(self) -> bool:
        """Whether the service has stopped admitting."""
        return self._draining

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
        if self._draining:
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
        self._draining = True

    def close(self) -> None:
        """Wait for running work and end the threads."""
        self.drain()
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def compute(self, work: Callable[[], T], deadline: float) -> T:
        """Run `work` in the pool and free one slot when it ends; raises DeadlineExceeded at `deadline` (loop time)."""
        job = self._submit(work)
        answer = asyncio.wrap_future(job)
        try:
            await asyncio.wait({answer}, timeout=deadline - asyncio.get_running_loop().time())
            if not answer.done():
                raise DeadlineExceeded(
                    "The image was not computed before the deadline. Send it again later, or raise SERVICE_DEADLINE_S."
                )
            return answer.result()
        finally:
            job.cancel()  # one that still waits in the queue never starts; a running one cannot be stopped
            answer.cancel()  # nobody is left to take the answer, or the error

    def _submit(self, work: Callable[[], T]) -> "Future[T]":
        """Queue `work` in the context of the request; it has waited until it starts or is cancelled."""
        submitted, context = time.perf_counter(), copy_context()

        def run() -> T:
            left_queue()
            context.run(self._observer.took, "queue", time.perf_counter() - submitted)
            return context.run(work)

        left_queue = self._enter_queue()
        job = self._pool.submit(run)
        job.add_done_callback(lambda _: left_queue())
        job.add_done_callback(lambda _: self.release())
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
    """One admitted request: `with admission.admit(30) as slot: ... await slot.run(work)`, at most one run."""

    def __init__(self, admission: Admission, deadline: float) -> None:
        self._admission = admission
        self._handed_over = False
        self.deadline = deadline

    async def run(self, work: Callable[[], T]) -> T:
        """Compute `work` in a thread of the pool; the slot is then free only when `work` has ended."""
        self._handed_over = True
        return await self._admission.compute(work, self.deadline)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._handed_over:
            self._admission.release()
