"""The content of a file, and nothing else, decides who decodes it; every family counts its frames from 0."""

import gzip
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from service.errors import InvalidRequest, TooManyPixels, UnreadableImage, UnsupportedFormat
from service.imaging import Limits, decode, open_image
from tests.service.imaging.dicom.objects import NATIVE, dicom, ramp
from tests.service.imaging.files import encode, noise, whole_files
from tests.service.imaging.nifti.volumes import big_endian, counting, nifti, zipped

PAGES = [noise(8, 6).rotate(angle) for angle in (0, 180)]


def with_preamble(data: bytes, start: bytes) -> bytes:
    """Return a DICOM file whose preamble begins like another format, as PS3.10 section 7.1 allows."""
    return start + data[len(start) :]


FORMATS = {
    "DICOM": ("DICOM", dicom(ramp())),
    "DICOM that is TIFF, too": ("DICOM", with_preamble(dicom(ramp()), b"II*\0\x08\0\0\0")),
    "DICOM in a JPEG's clothes": ("DICOM", with_preamble(dicom(ramp()), b"\xff\xd8\xff\xe0")),
    "NIfTI-1": ("NIFTI", nifti(counting())),
    "NIfTI-2": ("NIFTI", nifti(counting(), version=2)),
    "NIfTI, big-endian": ("NIFTI", big_endian(counting())),
    "NIfTI in gzip": ("NIFTI", zipped(nifti(counting()))),
    **{f"bare DICOM, {syntax.keyword}": ("DICOM", dicom(ramp(), syntax, preamble=False)) for syntax in NATIVE},
    **{name: (name.split()[-1].replace("MPO", "JPEG"), data) for name, data in whole_files().items()},
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_content_decides(name: str) -> None:
    format, data = FORMATS[name]

    assert decode(data).format == format


@pytest.mark.parametrize("inside", [b"text", dicom(ramp()), b""], ids=["text", "DICOM", "nothing"])
def test_gzip_of_anything_but_nifti_is_unsupported(inside: bytes) -> None:
    with pytest.raises(UnsupportedFormat, match="DICOM or NIfTI"):
        decode(gzip.compress(inside))


MULTIPLE: dict[str, tuple[bytes, list[np.ndarray]]] = {
    "TIFF": (
        encode(PAGES[0], "TIFF", save_all=True, append_images=PAGES[1:]),
        [np.asarray(page) for page in PAGES],
    ),
    "PNG": (encode(PAGES[0], "PNG", save_all=True, append_images=PAGES[1:]), [np.asarray(page) for page in PAGES]),
    "WEBP": (
        encode(PAGES[0].convert("RGB"), "WEBP", save_all=True, append_images=PAGES[1:], lossless=True),
        [np.asarray(page.convert("RGB")) for page in PAGES],
    ),
    "DICOM": (
        dicom(np.stack([np.asarray(page) for page in PAGES]), frames=2),
        [np.asarray(page) for page in PAGES],
    ),
}


@pytest.mark.parametrize("name", MULTIPLE)
def test_each_frame_can_be_had_in_any_order(name: str) -> None:
    data, frames = MULTIPLE[name]
    source = open_image(data)

    assert source.frames == 2
    for frame in (1, 0, 1):
        picture = source.picture(frame)
        np.testing.assert_array_equal(np.asarray(picture.image), frames[frame])
        assert (picture.frame, picture.frames, picture.format) == (frame, 2, name)
        np.testing.assert_array_equal(np.asarray(decode(data, frame=frame).image), frames[frame])


@pytest.mark.parametrize("name", MULTIPLE)
@pytest.mark.parametrize("frame", [-1, 2, 1 << 40])
def test_a_frame_that_is_not_there_is_refused_with_the_number_there_are(name: str, frame: int) -> None:
    with pytest.raises(InvalidRequest, match=f"no frame {frame}: the file holds 2 frames, numbers 0 to 1"):
        decode(MULTIPLE[name][0], frame=frame)


@pytest.mark.parametrize("data", [encode(PAGES[0], "JPEG"), dicom(ramp()), nifti(counting((4, 5, 1)))])
def test_of_a_single_frame_there_is_number_0_only(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match="no frame 1: the file holds 1 frame, number 0"):
        decode(data, frame=1)


def test_a_late_frame_of_an_animation_counts_all_the_frames_before_it() -> None:
    frames = [noise(20, 20).rotate(90 * turn) for turn in range(4)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert decode(data, Limits(max_pixels=1200), frame=2).frame == 2
    with pytest.raises(TooManyPixels, match=r"Frame 3.* 4 frames up to it, 20 x 20 pixels each; at most 1200"):
        decode(data, Limits(max_pixels=1200), frame=3)


def test_each_page_of_a_tiff_is_held_to_the_limit() -> None:
    data = encode(Image.new("L", (4, 4)), "TIFF", save_all=True, append_images=[noise(200, 200)])

    assert decode(data, Limits(max_pixels=1000)).width == 4
    with pytest.raises(TooManyPixels, match="200 x 200 pixels; at most 1000"):
        decode(data, Limits(max_pixels=1000), frame=1)
    assert decode(data, frame=1).width == 200


def scans(count: int) -> bytes:
    """Return a progressive JPEG with its last scan again and again, each a dozen bytes long."""
    whole = encode(Image.new("L", (64, 64), 90), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2][:12]
    return whole[:-2] + last * count + whole[-2:]


def test_a_jpeg_of_too_many_scans_is_refused() -> None:
    assert decode(scans(100)).format == "JPEG"
    with pytest.raises(UnreadableImage, match="more than 200 scans"):
        decode(scans(300))


@pytest.mark.parametrize(
    "make",
    [lambda: dicom(ramp(), uid.ImplicitVRLittleEndian), lambda: nifti(counting()), lambda: encode(noise(), "JPEG")],
    ids=["DICOM", "NIfTI", "JPEG"],
)
def test_the_size_to_come_changes_a_jpeg_only(make: Callable[[], bytes]) -> None:
    data = make()
    whole, small = decode(data), decode(data, target=2)

    assert (small.width, small.height) == (whole.width, whole.height)
    assert (small.image.size == whole.image.size) == (whole.format != "JPEG")
