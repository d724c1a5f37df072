import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from service.api.batch_stream import JSON, NDJSON, BatchStream
from service.batch.answering import Answered
from service.schemas import ModelIdentity

MODEL = ModelIdentity(name="tiny", version="1", sha256="0" * 64)


async def nothing() -> AsyncIterator[Answered]:
    for _ in ():
        yield _


@pytest.mark.parametrize("media_type", [JSON, NDJSON])
def test_a_batch_of_nothing_is_whole_as_well(media_type: str) -> None:
    async def read() -> bytes:
        stream = BatchStream(nothing(), MODEL, "id", media_type, deadline=0)
        return b"".join([bytes(piece) async for piece in stream.body_iterator])

    answer = json.loads(asyncio.run(read()))

    assert answer["summary"]["images"] == 0
    assert answer.get("results", []) == []


def test_a_client_that_reads_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.batch_stream._READING_S", 0.05)

    async def never(_: object) -> None:
        await asyncio.Event().wait()

    async def scenario() -> None:
        stream = BatchStream(nothing(), MODEL, "id", JSON, asyncio.get_running_loop().time())
        await asyncio.wait_for(stream.stream_response(never), 5)

    asyncio.run(scenario())
