"""Inflate a bounded number of bytes, whatever a compressed stream would become."""

import gzip
import zlib

from service.errors import TooManyPixels
from service.imaging.bounded_bytes import BoundedBytes

_RAW_DEFLATE = -zlib.MAX_WBITS
_GZIP = 16 + zlib.MAX_WBITS


def gzip_head(data: bytes, size: int) -> bytes:
    """Return the first `size` bytes of a gzip file (RFC 1952), fewer or none where it is damaged."""
    try:
        return zlib.decompressobj(_GZIP).decompress(data[: size * 64], size)
    except zlib.error:
        return b""


def gunzip(data: bytes, size: int) -> bytes:
    """Return the first `size` bytes of a gzip file of any number of members; raises OSError, EOFError or zlib.error."""
    with gzip.GzipFile(fileobj=BoundedBytes(data)) as file:
        return file.read(size)


def inflate(data: bytes, limit: int) -> bytes:
    """Return what a raw deflate stream (RFC 1951) holds; raises TooManyPixels beyond `limit` bytes, zlib.error."""
    stream = zlib.decompressobj(_RAW_DEFLATE)
    inflated = stream.decompress(data, limit)
    if stream.unconsumed_tail and stream.decompress(stream.unconsumed_tail, 1):
        raise TooManyPixels(
            f"The data set inflates to more than {limit} bytes, which is not decoded. Send it without compression, or "
            "fewer frames at once."
        )
    return inflated
