"""Answer in this process, through the code that answers `/predict` and `/predict/batch`."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import TypeVar

from service.admission import Admission, Slot
from service.api.batch_body import FIELD as BATCH_FIELD
from service.api.batch_body import MultipartBatch
from service.api.body import Body
from service.api.multipart import FIELD, MultipartBody
from service.batch.answering import Batch, ReceivedFile
from service.batch.auditing import UNAUDITED
from service.batch.limits import Budget, batch_limits
from service.classifier import load_classifier
from service.client.asking import Question, answered, refused
from service.client.files import NamedFile
from service.client.form import Form
from service.errors import ProblemError
from service.imaging import Limits
from service.prediction import Predictor, Task, identify
from service.problem_object import describe
from service.schemas import BatchResult, ModelIdentity
from service.settings import Settings

T = TypeVar("T")


class LocalBackend:
    """Loads the model of the settings and keeps to their limits and policies, as a service would."""

    def __init__(self, settings: Settings, question: Question) -> None:
        """Load the model; raises ModelFileError."""
        classifier = load_classifier(settings.model_path)
        limits = Limits(settings.max_pixels)
        self._predictor = Predictor(classifier, limits, settings.novelty_policy, settings.header_policy)
        self._settings = settings
        self._question = question
        self._admission = Admission(threads=1, queue_length=0)
        self._loop = asyncio.Runner()

    @property
    def model(self) -> ModelIdentity:
        """The model that was loaded."""
        return identify(self._predictor.classifier)

    def ask(self, file: NamedFile) -> Iterator[BatchResult]:
        """Yield the results as they are computed."""
        results = self._batch(file) if self._question.frame is None else self._image(file)
        while (result := self._loop.run(_next(results))) is not None:
            yield result

    def close(self) -> None:
        """End the thread and the loop."""
        self._admission.close()
        self._loop.close()

    async def _batch(self, file: NamedFile) -> AsyncIterator[BatchResult]:
        limits, request_id = batch_limits(self._settings), uuid.uuid4().hex
        with self._admission.admit(self._settings.batch_deadline_s) as slot:
            try:
                form = Form(file, BATCH_FIELD)
                files = _received(form, MultipartBatch(form.boundary.encode(), limits))
            except ProblemError as error:
                yield refused(describe(error, request_id))
                return
            async for result in self._results(slot, files, request_id):
                yield result

    async def _results(self, slot: Slot, files: list[ReceivedFile], request_id: str) -> AsyncIterator[BatchResult]:
        budget = Budget(batch_limits(self._settings))
        batch = Batch(self._predictor, self._admission, slot, budget, UNAUDITED, self._question.explain, request_id)
        async for result, _ in batch.results(files):
            yield result

    async def _image(self, file: NamedFile) -> AsyncIterator[BatchResult]:
        request_id = uuid.uuid4().hex
        with self._admission.admit(self._settings.deadline_s) as slot:
            try:
                form = Form(file, FIELD)
                data = _received(form, MultipartBody(form.boundary.encode(), self._settings.max_bytes))
                task = Task(data, self._question.explain, request_id, self._question.frame)
                yield answered(await slot.run(partial(self._predictor.predict, task)))
            except ProblemError as error:
                yield refused(describe(error, request_id))


def _received(form: Form, body: Body[T]) -> T:
    """Read a form as a service does; raises ProblemError."""
    for piece in form:
        body.feed(piece)
    return body.finish()


async def _next(results: AsyncIterator[BatchResult]) -> BatchResult | None:
    return await anext(results, None)
