"""Read the body of a request, under a limit of bytes and of time."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from starlette.datastructures import Headers

from service.api.batch_body import MultipartBatch, RawBatch
from service.api.body import Body, RawBody
from service.api.multipart import MultipartBody, boundary_of
from service.batch.answering import ReceivedFile
from service.batch.limits import BatchLimits
from service.errors import MalformedRequest, RequestTimedOut, UnsupportedFormat

SILENCE_S = 5.0
"""An upload holds a place in the queue; one that sends nothing for this long gives it up."""
RAW_TYPES = ("application/dicom", "application/gzip", "application/octet-stream")
"""Media types of a raw body beside those of images; a compressed NIfTI volume is a gzip file (RFC 6713)."""
BATCH_RAW_TYPES = (*RAW_TYPES, "application/zip", "application/x-zip-compressed")

T = TypeVar("T")


async def read_upload(request: Request, max_bytes: int, deadline: float) -> bytes:
    """Return the image's bytes, which may be empty in a multipart field.

    What the headers already rule out is refused before a byte is read. `deadline` is in the event loop's time.

    Raises MalformedRequest, UnsupportedFormat, InvalidRequest, PayloadTooLarge or RequestTimedOut.
    """

    def expect(content_type: str, media_type: str) -> Body[bytes]:
        if media_type == "multipart/form-data":
            return MultipartBody(boundary_of(content_type), max_bytes)
        return RawBody(max_bytes)

    return await _receive(request, _expected(request.headers, expect, RAW_TYPES, "file"), deadline)


async def read_batch(request: Request, limits: BatchLimits, deadline: float) -> list[ReceivedFile]:
    """Return the files of a batch, at least one; raises as `read_upload` does."""

    def expect(content_type: str, media_type: str) -> Body[list[ReceivedFile]]:
        if media_type == "multipart/form-data":
            return MultipartBatch(boundary_of(content_type), limits)
        return RawBatch(limits)

    return await _receive(request, _expected(request.headers, expect, BATCH_RAW_TYPES, "files"), deadline)


async def _receive(request: Request, body: Body[T], deadline: float) -> T:
    try:
        async with asyncio.timeout_at(deadline):
            received = await _pour(request, body)
    except TimeoutError as error:
        raise RequestTimedOut(
            f"The body did not arrive before the deadline, or paused for {SILENCE_S:.0f} s. Send it faster, or smaller."
        ) from error
    if not received:
        raise _no_body()
    return body.finish()


async def _pour(request: Request, body: Body[T]) -> int:
    received = 0
    stream = request.stream()
    while True:
        async with asyncio.timeout(SILENCE_S):
            chunk = await anext(stream, None)
        if chunk is None:
            return received
        received += len(chunk)
        body.feed(chunk)


def _expected(
    headers: Headers, expect: Callable[[str, str], Body[T]], raw_types: tuple[str, ...], field: str
) -> Body[T]:
    """Choose by the media type; a body without one may be `application/octet-stream` (RFC 9110 section 8.3)."""
    length = int(headers.get("content-length", "0"))
    if length == 0 and "transfer-encoding" not in headers:
        raise _no_body()
    content_type = headers.get("content-type", "application/octet-stream")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "multipart/form-data" and not media_type.startswith("image/") and media_type not in raw_types:
        raise UnsupportedFormat(
            f"The Content-Type is not an image. Send multipart/form-data with the field '{field}', or the bytes of the "
            f"image with their media type: image/png or another image type, {', '.join(raw_types)}."
        )
    body = expect(content_type, media_type)
    if length > body.limit:
        raise body.too_large()
    return body


def _no_body() -> MalformedRequest:
    return MalformedRequest(
        "The request has no body. Send multipart/form-data, or the bytes of an image with their media type."
    )
