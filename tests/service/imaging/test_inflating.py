import gzip
import zlib

import pytest

from service.errors import TooManyPixels
from service.imaging.inflating import gunzip, gzip_head, inflate

DATA = bytes(range(256)) * 40


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("size", [0, 1, 540, len(DATA), len(DATA) + 1])
def test_gunzip_gives_the_first_bytes(size: int) -> None:
    assert gunzip(gzip.compress(DATA), size) == DATA[:size]
    assert gunzip(gzip.compress(DATA[:999]) + gzip.compress(DATA[999:]), size) == DATA[:size]


@pytest.mark.parametrize("size", [1, 540])
def test_the_head_of_a_gzip_file(size: int) -> None:
    assert gzip_head(gzip.compress(DATA), size) == DATA[:size]
    assert gzip_head(b"\x1f\x8b no gzip", size) == b""


def test_inflate_gives_all_up_to_the_limit() -> None:
    assert inflate(deflated(DATA), len(DATA)) == DATA
    with pytest.raises(TooManyPixels, match=f"more than {len(DATA) - 1} bytes"):
        inflate(deflated(DATA), len(DATA) - 1)


def test_inflate_raises_on_what_is_not_deflated() -> None:
    with pytest.raises(zlib.error):
        inflate(b"\xff" * 9, 100)
