"""A batch's results as they come: one JSON object, or lines of JSON."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from starlette.responses import StreamingResponse
from starlette.types import Send

from service.batch.answering import Answered
from service.batch.summary import Tally
from service.schemas import BatchEnd, ModelIdentity

JSON, NDJSON = "application/json", "application/x-ndjson"
_LOG = logging.getLogger("service")
_READING_S = 30.0
"""How long after the deadline of a batch its client may take to read the answer."""


class BatchStream(StreamingResponse):
    """The answer to a batch; a client that does not read it is left once the batch is long over."""

    def __init__(
        self, results: AsyncIterator[Answered], model: ModelIdentity, request_id: str, media_type: str, deadline: float
    ) -> None:
        """Stream in the framing of `media_type`; `deadline` of the batch is in the event loop's time."""
        self._tally = Tally()
        self._model = model
        self._request_id = request_id
        self._latest_end = deadline + _READING_S
        framing = _lines if media_type == NDJSON else _object
        headers = {"Vary": "Accept", "X-Accel-Buffering": "no"}  # nginx holds streams back unless it is told not to
        super().__init__(framing(self._counted(results), self._end), headers=headers, media_type=media_type)

    async def stream_response(self, send: Send) -> None:
        """Send the results as they come (ASGI)."""
        try:
            async with asyncio.timeout_at(self._latest_end):
                await super().stream_response(send)
        except TimeoutError:
            _LOG.warning("a client did not read its batch", extra={"request_id": self._request_id})

    async def _counted(self, results: AsyncIterator[Answered]) -> AsyncIterator[bytes]:
        async for result, text in results:
            self._tally.add(result)
            yield text

    def _end(self) -> bytes:
        summary = self._tally.summary()
        extra = {"request_id": self._request_id, "images": summary.images, "refused": summary.refused}
        _LOG.info("batch answered", extra=extra)
        return BatchEnd(summary=summary, model=self._model, request_id=self._request_id).model_dump_json().encode()


async def _object(results: AsyncIterator[bytes], end: Callable[[], bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces of a `BatchAnswer`."""
    before = b'{"results":['
    async for result in results:
        yield before + result
        before = b","
    yield (b"]," if before == b"," else before + b"],") + end()[1:]


async def _lines(results: AsyncIterator[bytes], end: Callable[[], bytes]) -> AsyncIterator[bytes]:
    """Yield a `BatchResultLine` for each result and a `BatchSummaryLine` at last."""
    async for result in results:
        yield b'{"kind":"result",' + result[1:] + b"\n"
    yield b'{"kind":"summary",' + end()[1:] + b"\n"
