"""Read the one image of a request, under a limit of bytes and of time."""

import asyncio

from fastapi import Request
from starlette.datastructures import Headers

from service.api.body import Body, RawBody, too_large
from service.api.multipart import MultipartBody, boundary_of
from service.errors import MalformedRequest, RequestTimedOut, UnsupportedFormat

SILENCE_S = 5.0
"""An upload holds a place in the queue; one that sends nothing for this long gives it up."""
RAW_TYPES = ("application/dicom", "application/gzip", "application/octet-stream")
"""Media types of a raw body beside those of images; a compressed NIfTI volume is a gzip file (RFC 6713)."""


async def read_upload(request: Request, max_bytes: int, deadline: float) -> bytes:
    """Return the image's bytes, which may be empty in a multipart field.

    What the headers already rule out is refused before a byte is read. `deadline` is in the event loop's time.

    Raises MalformedRequest, UnsupportedFormat, InvalidRequest, PayloadTooLarge or RequestTimedOut.
    """
    body = _expect(request.headers, max_bytes)
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


async def _pour(request: Request, body: Body) -> int:
    received = 0
    stream = request.stream()
    while True:
        async with asyncio.timeout(SILENCE_S):
            chunk = await anext(stream, None)
        if chunk is None:
            return received
        received += len(chunk)
        body.feed(chunk)


def _expect(headers: Headers, max_bytes: int) -> Body:
    length = int(headers.get("content-length", "0"))
    if length == 0 and "transfer-encoding" not in headers:
        raise _no_body()
    body = _by_media_type(headers.get("content-type", "application/octet-stream"), max_bytes)
    if length > body.limit:
        raise too_large(max_bytes)
    return body


def _by_media_type(content_type: str, max_bytes: int) -> Body:
    """RFC 9110 section 8.3: a body without a type may be taken for `application/octet-stream`."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        return MultipartBody(boundary_of(content_type), max_bytes)
    if media_type.startswith("image/") or media_type in RAW_TYPES:
        return RawBody(max_bytes)
    raise UnsupportedFormat(
        "The Content-Type is not an image. Send multipart/form-data with the field 'file', or the bytes of the image "
        "with its media type, such as image/png or application/dicom."
    )


def _no_body() -> MalformedRequest:
    return MalformedRequest(
        "The request has no body. Send the image as multipart/form-data in the field 'file', or as the raw body."
    )
