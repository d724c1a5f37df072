"""Pictures -> the array that the model takes."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from service.imaging import Picture, PreprocessSpec, decode, preprocess
from tests.service.imaging.files import encode


def picture(pixels: np.ndarray) -> Picture:
    height, width = pixels.shape[:2]
    return Picture(Image.fromarray(pixels), "PNG", width, height, frames=1)


def slope(height: int, width: int) -> np.ndarray:
    """Return a pattern made of integers only, the same on every machine."""
    row, column = np.indices((height, width))
    return ((row * 7 + column * 3 + (row * column) % 31) % 256).astype(np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "digest"),
    [
        (200, 160, "a9e646930e9534f7"),
        (64, 64, "eaa5fe9c583407a3"),
        (40, 50, "95b665124f906f17"),
    ],
)
def test_the_array_is_the_same_as_ever(height: int, width: int, digest: str) -> None:
    array = preprocess(picture(slope(height, width)), PreprocessSpec(size=64))

    assert hashlib.sha256(array.tobytes()).hexdigest()[:16] == digest


def test_a_checkerboard_is_averaged_not_sampled() -> None:
    board = np.where(np.indices((256, 256)).sum(axis=0) % 2, 255, 0).astype(np.uint8)

    inner = preprocess(picture(board), PreprocessSpec(size=64))[2:-2, 2:-2]

    assert inner.min() >= 126
    assert inner.max() <= 129


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    pixels = slope(64, 64)

    np.testing.assert_array_equal(preprocess(picture(pixels), PreprocessSpec(size=64))[..., 0], pixels)


@pytest.mark.parametrize(
    ("colour", "luma"), [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((90, 90, 90), 90)]
)
def test_one_channel_is_the_luma(colour: tuple[int, int, int], luma: int) -> None:
    array = preprocess(picture(np.full((40, 40, 3), colour, np.uint8)), PreprocessSpec(size=32))

    assert array.shape == (32, 32, 1)
    assert np.unique(array).tolist() == [luma]


def test_three_channels_keep_the_colours() -> None:
    array = preprocess(picture(np.full((40, 40, 3), (10, 20, 30), np.uint8)), PreprocessSpec(size=32, channels=3))

    assert np.unique(array.reshape(-1, 3), axis=0).tolist() == [[10, 20, 30]]


def test_three_channels_of_a_grey_picture_are_equal() -> None:
    array = preprocess(picture(slope(50, 40)), PreprocessSpec(size=32, channels=3))

    assert array.shape == (32, 32, 3)
    assert (array == array[..., :1]).all()


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([32, 33, 64]), st.sampled_from([1, 3]))
def test_any_shape_is_stretched_to_the_square(height: int, width: int, size: int, channels: int) -> None:
    pixels = slope(height, width)

    array = preprocess(picture(pixels), PreprocessSpec(size=size, channels=channels))

    assert (array.shape, array.dtype) == ((size, size, channels), np.uint8)
    assert pixels.min() <= array.min()
    assert array.max() <= pixels.max()


def test_a_reduced_jpeg_gives_nearly_the_same_array() -> None:
    row, column = np.indices((1024, 1024))
    smooth = np.rint(127 + 60 * np.sin(row / 90) + 60 * np.cos(column / 70)).astype(np.uint8)
    file, spec = encode(Image.fromarray(smooth), "JPEG", quality=95), PreprocessSpec(size=64)

    whole, reduced = (preprocess(decode(file, target=target), spec) for target in (None, spec.size))

    assert np.abs(whole.astype(int) - reduced).max() <= 3


@pytest.mark.parametrize("field", [{"size": 31}, {"size": 1025}, {"channels": 2}, {"crop": "brain"}, {"colour": "bgr"}])
def test_a_spec_that_nobody_implements_is_rejected(field: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PreprocessSpec(**field)
