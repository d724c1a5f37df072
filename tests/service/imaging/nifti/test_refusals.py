"""NIfTI files that are no volume, or damaged, or too large: which problem, and what it says."""

import struct
import tracemalloc
import zlib

import nibabel as nib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import InvalidRequest, TooManyPixels, UnreadableImage, UnsupportedFormat
from service.imaging import Limits, decode
from tests.service.imaging.damage import check, edited, edits
from tests.service.imaging.nifti.volumes import big_endian, counting, nifti, zipped

VOLUME = counting()


def pair_header() -> bytes:
    data = nifti(VOLUME)
    return data[:344] + b"ni1\0" + data[348:]


UNSUPPORTED = {
    "4-D": (nifti(counting((4, 5, 6, 2))), "4 dimensions .4 x 5 x 6 x 2.*one volume"),
    "5-D": (nifti(counting((4, 5, 6, 1, 3))), "5 dimensions"),
    "CIFTI": (nifti(counting((1, 1, 1, 1, 4, 5)), version=2, intent_code=3006), "CIFTI.*3006"),
    "complex": (nifti(VOLUME.astype("c8")), "data type 32"),
    "colour": (nifti(VOLUME, datatype=128, bitpix=24), "data type 128"),
    "128-bit": (nifti(VOLUME, datatype=1536, bitpix=128), "data type 1536"),
    "half of a pair": (pair_header(), "pair"),
    "ANALYZE": (nib.AnalyzeHeader().binaryblock + bytes(100), "ANALYZE"),
}
UNREADABLE = {
    "no dimensions": (nifti(VOLUME, dim=[0] * 8), "dim announces"),
    "one dimension": (nifti(VOLUME, dim=[1, 5, 1, 1, 1, 1, 1, 1]), "dim announces 5"),
    "negative edge": (nifti(VOLUME, dim=[3, 4, -5, 6, 1, 1, 1, 1]), "dim announces"),
    "offset in the header": (nifti(VOLUME, vox_offset=8), "vox_offset is 8"),
    "offset that is no number": (nifti(VOLUME, vox_offset=np.nan), "NIfTI"),
    "flat affine": (nifti(VOLUME, srow_x=[0, 0, 0, 0]), "sform and qform"),
    "affine that is no number": (nifti(VOLUME, srow_y=[np.nan] * 4), "sform and qform"),
    "truncated": (nifti(VOLUME)[:-1], "holds 591 bytes, but its header announces 592"),
    "truncated gzip": (zipped(nifti(VOLUME))[:-20], "NIfTI"),
    "header only": (nifti(VOLUME)[:348], "holds 348 bytes"),
    "half a header": (nifti(VOLUME)[:200], "NIfTI|ANALYZE"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
@pytest.mark.parametrize("pack", [lambda data: data, zipped], ids=["plain", "gzip"])
def test_what_is_no_volume_is_unsupported(name: str, pack) -> None:  # type: ignore[no-untyped-def]
    data, text = UNSUPPORTED[name]

    with pytest.raises(UnsupportedFormat, match=text):
        decode(pack(data))


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_damaged_is_unreadable(name: str) -> None:
    data, text = UNREADABLE[name]

    with pytest.raises((UnreadableImage, UnsupportedFormat) if "half" in name else UnreadableImage, match=text):
        decode(data)


@pytest.mark.parametrize("frame", [-1, 6])
def test_a_slice_that_is_not_there(frame: int) -> None:
    with pytest.raises(InvalidRequest, match=f"no frame {frame}: the file holds 6 frames, numbers 0 to 5"):
        decode(nifti(VOLUME), frame=frame)


@pytest.mark.parametrize("shape", [(30, 5, 2), (2, 30, 5), (5, 2, 30)])
def test_a_slice_of_too_many_pixels_is_refused_whichever_way_it_lies(shape: tuple[int, int, int]) -> None:
    data = nifti(counting(shape))

    with pytest.raises(TooManyPixels, match="slices of at most 149"):
        decode(data, Limits(max_pixels=149))
    assert decode(data, Limits(max_pixels=1000)).frames == shape[2]


def test_a_volume_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(TooManyPixels, match="592 bytes; at most 400"):
        decode(nifti(VOLUME), Limits(max_pixels=100))


def test_a_gzip_bomb_is_inflated_as_far_as_its_header_says_only() -> None:
    packer = zlib.compressobj(9, wbits=31)
    data = nifti(VOLUME)
    bomb = packer.compress(data + bytes(64 << 20)) + packer.flush()
    tracemalloc.start()
    try:
        picture = decode(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    np.testing.assert_array_equal(np.asarray(picture.image), np.asarray(decode(data).image))
    assert peak < 2 << 20


def test_a_header_that_announces_too_much_is_refused_before_it_is_inflated() -> None:
    data = nifti(VOLUME, dim=[3, 2000, 2000, 2000, 1, 1, 1, 1])
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(data + bytes(64 << 20)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(TooManyPixels, match="16000000352 bytes"):
            decode(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1 << 20


def test_gzip_of_nothing_but_empty_members_is_refused() -> None:
    data = nifti(VOLUME)

    with pytest.raises(UnreadableImage):
        decode(zipped(data[:400]) + zipped(b"") * 200_000)


FILES = {
    "NIfTI-1": nifti(VOLUME),
    "NIfTI-2": nifti(VOLUME, version=2),
    "big-endian": big_endian(VOLUME),
    "float": nifti(VOLUME.astype("f4")),
    "gzip": zipped(nifti(VOLUME)),
}
thorough = settings(deadline=20_000, derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", FILES)
@thorough
@given(changes=edits, frame=st.integers(0, 5))
def test_damaged_files(name: str, changes: list[tuple[float, int, bytes]], frame: int) -> None:
    check(edited(FILES[name], changes), frame=frame)


@pytest.mark.parametrize("name", ["NIfTI-1", "NIfTI-2", "big-endian"])
@thorough
@given(place=st.integers(0, 539), value=st.binary(min_size=1, max_size=4))
def test_damaged_headers(name: str, place: int, value: bytes) -> None:
    data = FILES[name]
    check(data[:place] + value + data[place + len(value) :])


@thorough
@given(fields=st.lists(st.floats(width=32), min_size=12, max_size=12), codes=st.integers(0, 3))
def test_any_affine(fields: list[float], codes: int) -> None:
    data = bytearray(nifti(VOLUME))
    data[280:328] = struct.pack("<12f", *fields)
    data[252:256] = struct.pack("<hh", codes & 1, codes >> 1)
    check(bytes(data))
