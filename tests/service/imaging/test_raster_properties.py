"""Whatever the bytes, `decode` returns a small 8-bit picture or raises a problem."""

import zlib
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service.imaging.damage import check, edited, edits
from tests.service.imaging.files import PNG_SIGNATURE, png_chunk, whole_files

FILES = whole_files()
thorough = partial(settings, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def with_checksums(data: bytes) -> bytes:
    """Return a PNG whose chunks pass their checksums again, so that what they hold is parsed."""
    result, place = PNG_SIGNATURE, 8
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        result += png_chunk(data[place + 4 : place + 8], data[place + 8 : place + 8 + length])
        place += 12 + length
    return result


@thorough(max_examples=100)
@given(data=st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    check(data)


@pytest.mark.parametrize(
    "start", [b"\xff\xd8\xff\xe0", PNG_SIGNATURE, b"BM", b"II*\0\x08\0\0\0", b"MM\0*", b"GIF89a", b"RIFF\x40\0\0\0WEBP"]
)
@thorough(max_examples=40)
@given(rest=st.binary(max_size=300))
def test_random_bytes_after_a_signature(start: bytes, rest: bytes) -> None:
    check(start + rest)


@pytest.mark.parametrize("name", FILES)
@thorough(max_examples=60)
@given(changes=edits, target=st.sampled_from([None, 4]))
def test_damaged_files(name: str, changes: list[tuple[float, int, bytes]], target: int | None) -> None:
    check(edited(FILES[name], changes), target)


@pytest.mark.parametrize("name", FILES)
@thorough(max_examples=60)
@given(place=st.integers(0, 120), value=st.integers(0, 255))
def test_damaged_headers(name: str, place: int, value: int) -> None:
    check(edited(FILES[name], [(min(place / len(FILES[name]), 0.999), 1, bytes([value]))]))


@pytest.mark.parametrize("name", [name for name, data in FILES.items() if data.startswith(PNG_SIGNATURE)])
@thorough(max_examples=60)
@given(changes=edits)
def test_damaged_png_chunks_with_valid_checksums(name: str, changes: list[tuple[float, int, bytes]]) -> None:
    check(with_checksums(edited(FILES[name], changes)))


@thorough(max_examples=60)
@given(pixels=st.binary(max_size=200), depth=st.integers(0, 17), colour=st.integers(0, 7))
def test_png_headers_that_contradict_their_pixels(pixels: bytes, depth: int, colour: int) -> None:
    header = (7).to_bytes(4, "big") + (5).to_bytes(4, "big") + bytes([depth, colour, 0, 0, 0])
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(pixels)) + png_chunk(b"IEND", b"")

    check(PNG_SIGNATURE + chunks)
