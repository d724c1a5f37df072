"""Files -> pixels: what each kind of file must decode to."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from service.imaging import decode, open_image
from tests.service.imaging.files import encode, exif, noise
from tests.service.imaging.golden import GOLDEN

# A 4 x 3 picture without any symmetry, and what turns the stored picture upright (CIPA DC-008, 4.6.4).
STORED = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
UPRIGHT = {
    1: STORED,
    2: STORED[:, ::-1],
    3: STORED[::-1, ::-1],
    4: STORED[::-1],
    5: STORED.T,
    6: np.rot90(STORED, -1),
    7: STORED[::-1, ::-1].T,
    8: np.rot90(STORED, 1),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_files_decode_to_the_same_pixels_as_ever(name: str) -> None:
    golden = GOLDEN[name]

    picture = decode(golden.data)

    np.testing.assert_array_equal(np.asarray(picture.image), golden.array)
    assert (picture.format, picture.width, picture.height, picture.frames) == (golden.format, 4, 3, golden.frames)
    assert picture.frame == 0


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_pictures_are_turned_upright(kind: str, orientation: int) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    file = encode(Image.fromarray(STORED), kind, exif=exif(orientation), **options)

    picture = decode(file)

    expected = UPRIGHT[orientation]
    np.testing.assert_array_equal(np.asarray(picture.image.convert("L")), expected)
    assert (picture.height, picture.width) == expected.shape


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_jpegs_are_turned_upright(orientation: int) -> None:
    file = encode(Image.fromarray(STORED), "JPEG", quality=100, exif=exif(orientation))

    picture = decode(file)

    np.testing.assert_allclose(np.asarray(picture.image), UPRIGHT[orientation], atol=2)
    assert (picture.height, picture.width) == UPRIGHT[orientation].shape


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_means_nothing_changes_nothing(orientation: int) -> None:
    file = encode(Image.fromarray(STORED), "PNG", exif=exif(orientation))

    np.testing.assert_array_equal(np.asarray(decode(file).image), STORED)


def test_broken_exif_does_not_make_a_picture_unreadable() -> None:
    file = encode(Image.fromarray(STORED), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")

    np.testing.assert_array_equal(np.asarray(decode(file).image), STORED)


def test_large_jpegs_are_decoded_at_a_reduced_size() -> None:
    file = encode(noise(1000, 700), "JPEG")

    picture = decode(file, target=80)

    assert picture.image.size == (250, 175)
    assert (picture.width, picture.height) == (1000, 700)


def test_a_reduced_jpeg_reports_the_upright_size_of_its_header() -> None:
    file = encode(noise(1000, 700), "JPEG", exif=exif(6))

    picture = decode(file, target=80)

    assert picture.image.size == (175, 250)
    assert (picture.width, picture.height) == (700, 1000)


def test_a_jpeg_without_a_target_keeps_its_size() -> None:
    assert decode(encode(noise(1000, 700), "JPEG")).image.size == (1000, 700)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "GIF"])
def test_only_jpegs_are_reduced(kind: str) -> None:
    assert decode(encode(noise(320, 160), kind), target=16).image.size == (320, 160)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(width=st.integers(1, 400), height=st.integers(1, 400), target=st.integers(1, 120))
def test_a_reduced_jpeg_is_at_least_twice_the_target(width: int, height: int, target: int) -> None:
    picture = decode(encode(Image.new("L", (width, height)), "JPEG"), target=target)

    assert picture.image.width >= min(width, 2 * target)
    assert picture.image.height >= min(height, 2 * target)
    assert (picture.width, picture.height) == (width, height)


def test_more_than_eight_bits_are_stretched_alike_in_every_band_of_rows() -> None:
    values = np.linspace(0, 1, 3000 * 700, dtype=np.float32).reshape(3000, 700)

    pixels = np.asarray(decode(encode(Image.fromarray(values), "TIFF")).image)

    np.testing.assert_array_equal(pixels, np.rint(values.astype(np.float64) * 255).astype(np.uint8))


@pytest.mark.parametrize("value", [0, 1, 65535])
def test_a_deep_picture_of_one_value_is_black(value: int) -> None:
    file = encode(Image.fromarray(np.full((3, 4), value, np.uint16)), "PNG")

    assert not np.asarray(decode(file).image).any()


def test_the_pages_of_a_tiff_are_counted_up_to_a_thousand() -> None:
    page = Image.new("L", (1, 1))

    file = encode(page, "TIFF", save_all=True, append_images=[page] * 1200)

    assert decode(file).frames == 1000


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_frames_are_the_same_one_after_the_other_in_any_order_and_alone(kind: str) -> None:
    noise = np.random.default_rng(0)
    first, *others = (Image.fromarray(noise.integers(0, 255, (24, 32, 3), np.uint8)) for _ in range(5))
    file = io.BytesIO()
    first.save(file, kind, save_all=True, append_images=others)

    source = open_image(file.getvalue())
    in_order = [source.picture(frame) for frame in range(source.frames)]
    mixed = {frame: source.picture(frame) for frame in (3, 1, 1, 4, 0, 2)}

    assert source.frames == 5
    for frame, picture in enumerate(in_order):
        alone = np.asarray(decode(file.getvalue(), frame=frame).image)
        np.testing.assert_array_equal(np.asarray(picture.image), alone)
        np.testing.assert_array_equal(np.asarray(mixed[frame].image), alone)
