"""Whatever the bytes, a DICOM file becomes a small 8-bit picture or a problem, and soon."""

from datetime import timedelta
from functools import partial

import imagecodecs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from service.imaging import decode
from tests.service.imaging.damage import check, edited, edits
from tests.service.imaging.dicom.objects import LOSSLESS, NATIVE, compressed, dicom, ramp
from tests.service.imaging.dicom.test_palette import COLOURS, INDICES, palette

thorough = partial(
    settings, deadline=timedelta(seconds=20), derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def item(**elements: object) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def enhanced() -> bytes:
    """Return an object of two frames, each with groups of its own."""
    groups = [
        item(
            FrameVOILUTSequence=Sequence([item(WindowCenter=900 + number, WindowWidth=500)]),
            PixelValueTransformationSequence=Sequence([item(RescaleSlope=2, RescaleIntercept=number)]),
        )
        for number in range(2)
    ]
    stack = np.stack([ramp(), ramp(low=9)])
    return dicom(stack, frames=2, PerFrameFunctionalGroupsSequence=Sequence(groups))


def whole_files() -> dict[str, bytes]:
    """Return one sound file of each transfer syntax, and of variants that take other paths."""
    files = {syntax.keyword: dicom(ramp(), syntax, WindowCenter=900, WindowWidth=500) for syntax in NATIVE}
    noise = np.random.default_rng(0).integers(0, 4096, (24, 32), dtype=np.uint16)
    files |= {name: compressed([noise, noise], syntax, encode) for name, (syntax, encode) in LOSSLESS.items()}
    eight = (noise >> 4).astype(np.uint8)
    files["JPEG"] = compressed([eight], uid.JPEGBaseline8Bit, lambda frame: imagecodecs.jpeg8_encode(frame, level=90))
    files["HTJ2K"] = compressed([noise], uid.HTJ2K, lambda frame: imagecodecs.htj2k_encode(frame, reversible=True))
    files["enhanced"] = enhanced()
    files["palette"] = dicom(INDICES, **palette(COLOURS * 257, 16))
    files["no preamble"] = dicom(ramp(), preamble=False)
    return files


FILES = whole_files()
EVERY_FILE = pytest.mark.parametrize("name", FILES)


@EVERY_FILE
@thorough(max_examples=60)
@given(changes=edits, frame=st.sampled_from([0, 1]))
def test_damaged_files(name: str, changes: list[tuple[float, int, bytes]], frame: int) -> None:
    check(edited(FILES[name], changes), frame=frame)


@EVERY_FILE
@thorough(max_examples=60)
@given(place=st.integers(128, 900), value=st.integers(0, 255))
def test_damaged_headers(name: str, place: int, value: int) -> None:
    data = bytearray(FILES[name])
    data[min(place, len(data) - 1)] = value
    check(bytes(data))


@EVERY_FILE
@thorough(max_examples=20)
@given(share=st.floats(0, 1))
def test_truncated_files(name: str, share: float) -> None:
    check(FILES[name][: int(share * len(FILES[name]))])


@thorough(max_examples=60)
@given(rest=st.binary(max_size=400))
@pytest.mark.parametrize(
    "start", [bytes(128) + b"DICM", FILES["JPEG-LS"][:160], b"\x08\x00\x05\x00CS", b"\x02\x00\x10\x00UI"]
)
def test_random_bytes_after_the_start_of_a_file(start: bytes, rest: bytes) -> None:
    check(start + rest)


@thorough(max_examples=150)
@given(
    allocated=st.sampled_from([1, 8, 16, 24, 32, 40, 64]),
    stored=st.integers(1, 64),
    high=st.integers(0, 70),
    signed=st.integers(0, 1),
    samples=st.sampled_from([1, 3]),
    photometric=st.sampled_from(["MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR"]),
    planar=st.integers(0, 1),
    frames=st.integers(0, 3),
    syntax=st.sampled_from(NATIVE),
)
def test_headers_that_contradict_themselves_or_the_pixels(
    allocated: int,
    stored: int,
    high: int,
    signed: int,
    samples: int,
    photometric: str,
    planar: int,
    frames: int,
    syntax: uid.UID,
) -> None:
    elements = {
        "BitsAllocated": allocated,
        "BitsStored": stored,
        "HighBit": high,
        "PixelRepresentation": signed,
        "SamplesPerPixel": samples,
        "PhotometricInterpretation": photometric,
        "PlanarConfiguration": planar,
        "NumberOfFrames": frames,
    }
    check(dicom(ramp(), syntax, data=bytes(range(256)) * 20, **elements))


@EVERY_FILE
def test_the_whole_files_are_whole(name: str) -> None:
    assert decode(FILES[name]).image.size in ((16, 12), (32, 24))
