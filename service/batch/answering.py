"""Answer a batch: one result for each image, in order, while the next ones are still to be computed.

Each file is opened and each frame is computed as work of its own in the pool, one at a time, so that other requests
come in between; the event loop only waits.
"""

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from typing import TypeVar

from service.admission import RETRY_WHEN_DRAINING_S, Admission, Slot
from service.audit import ImageNote
from service.batch.archive import Archive
from service.batch.auditing import Audit, Turn
from service.batch.limits import Budget
from service.errors import DeadlineExceeded, NotReady, ProblemError
from service.imaging.signatures import is_zip
from service.prediction import OpenedFile, Predictor
from service.problem_object import describe, describe_unexpected
from service.schemas import BatchResult, Problem

_LOG = logging.getLogger("service.errors")

T = TypeVar("T")
ReceivedFile = bytes | ProblemError
"""A file as it was sent, or why it was not kept."""
Answered = tuple[BatchResult, bytes]
"""A result and its JSON."""


class Batch:
    """The answers to one batch, all of them by the same model."""

    def __init__(
        self,
        predictor: Predictor,
        admission: Admission,
        slot: Slot,
        budget: Budget,
        audit: Audit,
        explain: bool,
        request_id: str,
    ) -> None:
        """Compute in the admitted `slot`, whose deadline is that of the whole batch."""
        self._predictor = predictor
        self._admission = admission
        self._slot = slot
        self._budget = budget
        self._audit = audit
        self._explain = explain
        self._request_id = request_id
        self._images = 0
        self._files = 0

    async def results(self, files: Iterable[ReceivedFile]) -> AsyncIterator[Answered]:
        """Yield one result for each frame, and one for each file that cannot be opened; nothing that is sent raises."""
        left = deque(files)
        del files  # or the list would hold every file until the last is answered
        try:
            while left:
                async for answered in self._file(left.popleft()):
                    yield answered
        except Exception as error:
            yield self._refused(self._unexpected(error))

    async def _file(self, received: ReceivedFile) -> AsyncIterator[Answered]:
        if isinstance(received, ProblemError):
            yield self._refused(await self._step(partial(self._not_kept, received), self._turn()))
        elif is_zip(received):
            async for answered in self._archive(received):
                yield answered
        else:
            async for answered in self._frames(partial(self._open, received), partial(_sha256, received)):
                yield answered

    async def _archive(self, data: bytes) -> AsyncIterator[Answered]:
        archive = await self._step(partial(self._open_archive, data), self._turn(partial(_sha256, data)))
        if isinstance(archive, Problem):
            yield self._refused(archive)
            return
        for entry in range(len(archive)):
            async for answered in self._frames(partial(self._open_entry, archive, entry)):
                yield answered

    async def _frames(
        self, opening: Callable[[Turn], OpenedFile], digest: Callable[[], str | None] = lambda: None
    ) -> AsyncIterator[Answered]:
        opened = await self._step(opening, self._turn(digest))
        if isinstance(opened, Problem):
            yield self._refused(opened)
            return
        file, self._files = self._files, self._files + 1
        for frame in range(opened.frames):
            place = self._next_index(), file, frame
            turn = Turn(place[0], lambda: opened.sha256)
            answered = await self._step(partial(self._predict, opened, place), turn)
            yield _refusal(place, answered) if isinstance(answered, Problem) else answered

    def _not_kept(self, error: ProblemError, turn: Turn) -> Problem:
        with self._audit.image(turn):
            raise error

    def _open(self, data: bytes, turn: Turn) -> OpenedFile:
        with self._audit.image(turn) as note:
            return self._opened(data, note)

    def _opened(self, data: bytes, note: ImageNote) -> OpenedFile:
        with note.watch(self._predictor.classifier, data):
            self._budget.check_images()
            opened = self._predictor.open(data)
            self._budget.take_images(opened.frames)
            return opened

    def _open_archive(self, data: bytes, turn: Turn) -> Archive:
        with self._audit.image(turn) as note, note.watch(self._predictor.classifier, data):
            self._budget.check_images()
            return Archive(data, self._budget.limits, self._budget.images)

    def _open_entry(self, archive: Archive, entry: int, turn: Turn) -> OpenedFile:
        with self._audit.image(turn) as note:
            self._budget.check_images()
            self._budget.take_inflated(archive.announced(entry))
            return self._opened(archive.read(entry), note)

    def _predict(self, opened: OpenedFile, place: tuple[int, int, int], turn: Turn) -> Answered:
        index, file, frame = place
        with self._audit.image(turn, opened.sha256) as note:
            prediction = self._predictor.predict_frame(opened, frame, self._explain, self._request_id)
            note.answered(prediction)
        result = BatchResult(index=index, file=file, frame=frame, status=200, prediction=prediction, problem=None)
        return result, result.model_dump_json().encode()

    async def _step(self, work: Callable[[Turn], T], turn: Turn) -> T | Problem:
        """Compute in the pool; what it raises becomes a problem, and once the time is up nothing is computed.

        `_attempt` logs and returns the errors of the image; what is raised here is about the time, and logged here.
        """
        try:
            self._check_time()
            deadline = asyncio.get_running_loop().time() + self._budget.limits.image_s
            return await self._slot.run(partial(self._attempt, partial(work, turn)), min(deadline, self._slot.deadline))
        except ProblemError as error:
            turn.given_up = True
            return await asyncio.to_thread(self._give_up, turn, error)

    def _turn(self, digest: Callable[[], str | None] = lambda: None) -> Turn:
        """Begin the next result."""
        return Turn(self._images, digest)

    def _give_up(self, turn: Turn, error: ProblemError) -> Problem:
        try:
            with self._audit.image(Turn(turn.index), turn.digest()):
                raise error
        except ProblemError as raised:
            return describe(raised, self._request_id)

    def _attempt(self, work: Callable[[], T]) -> T | Problem:
        """Turn errors into problems in the thread itself, so that no traceback keeps the image."""
        try:
            return work()
        except ProblemError as error:
            return describe(error, self._request_id)
        except Exception as error:
            return self._unexpected(error)

    def _check_time(self) -> None:
        if asyncio.get_running_loop().time() >= self._slot.deadline:
            raise DeadlineExceeded(
                "The batch was not computed before its deadline. Send fewer images, or raise SERVICE_BATCH_DEADLINE_S."
            )
        if self._admission.drained_for() > self._budget.limits.drain_s:
            raise NotReady(
                "The service is shutting down. Send this image to another instance.",
                retry_after_s=RETRY_WHEN_DRAINING_S,
            )

    def _unexpected(self, error: Exception) -> Problem:
        _LOG.error("unexpected error", exc_info=error, extra={"request_id": self._request_id})
        return describe_unexpected(self._request_id)

    def _refused(self, problem: Problem) -> Answered:
        """Return the result of a file that was not opened."""
        self._budget.take_refusal()
        file, self._files = self._files, self._files + 1
        return _refusal((self._next_index(), file, None), problem)

    def _next_index(self) -> int:
        index, self._images = self._images, self._images + 1
        return index


def _refusal(place: tuple[int, int, int | None], problem: Problem) -> Answered:
    index, file, frame = place
    result = BatchResult(index=index, file=file, frame=frame, status=problem.status, prediction=None, problem=problem)
    return result, result.model_dump_json().encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
