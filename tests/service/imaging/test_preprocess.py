"""Pictures -> the array that the model takes."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from service.imaging import Picture, PreprocessSpec, decode, is_blank, preprocess, visible_region
from service.imaging.region import WHOLE, Region
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


@pytest.mark.parametrize(
    "field",
    [
        {"size": 31},
        {"size": 1025},
        {"channels": 2},
        {"crop": "tumour"},
        {"crop_margin": -0.1},
        {"crop_margin": 0.6},
        {"colour": "bgr"},
    ],
)
def test_a_spec_that_nobody_implements_is_rejected(field: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PreprocessSpec(**field)


class TestBrainCrop:
    """`crop="brain"` resizes the head alone."""

    SPEC = PreprocessSpec(size=64, crop="brain", crop_margin=0.0)

    @staticmethod
    def head(height: int = 512, width: int = 512) -> np.ndarray:
        """Return a textured rectangle on black: half as wide and high as the picture, left of its middle."""
        pixels = np.zeros((height, width), np.uint8)
        inner = pixels[height // 4 : 3 * height // 4, width // 8 : 5 * width // 8]
        inner[:] = 80 + slope(*inner.shape) // 2
        return pixels

    @pytest.mark.parametrize("channels", [1, 3])
    def test_within_its_rim_the_array_is_that_of_the_cut_out_picture(self, channels: int) -> None:
        pixels = np.repeat(self.head()[..., None], channels, axis=-1).squeeze()
        spec = self.SPEC.model_copy(update={"channels": channels})

        array = preprocess(picture(pixels), spec)

        cut = preprocess(picture(pixels[128:384, 64:320]), spec.model_copy(update={"crop": "none"}))
        np.testing.assert_array_equal(array[1:-1, 1:-1], cut[1:-1, 1:-1])

    def test_the_margin_widens_what_is_seen(self) -> None:
        spec = self.SPEC.model_copy(update={"crop_margin": 0.25})

        assert visible_region(picture(self.head()), self.SPEC) == Region(0.125, 0.25, 0.625, 0.75)
        assert visible_region(picture(self.head()), spec) == Region(0.0, 0.125, 0.75, 0.875)

    def test_without_the_rule_the_whole_picture_is_seen(self) -> None:
        assert visible_region(picture(self.head()), PreprocessSpec()) == WHOLE

    @pytest.mark.parametrize("level", [0, 130, 255])
    def test_a_blank_picture_stays_blank(self, level: int) -> None:
        assert is_blank(preprocess(picture(np.full((300, 200), level, np.uint8)), self.SPEC))

    def test_a_head_is_not_blank_and_neither_is_a_faint_one(self) -> None:
        assert not is_blank(preprocess(picture(self.head()), self.SPEC))
        assert not is_blank(preprocess(picture(self.head() // 8), self.SPEC))

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.integers(1, 24), st.integers(0, 250), st.integers(1, 6), st.integers(0, 576), st.integers(0, 99))
    def test_blank_is_what_hardly_varies_wherever_it_varies(
        self, edge: int, level: int, more: int, many: int, seed: int
    ) -> None:
        places = np.random.default_rng(seed).permutation(edge * edge)[:many] if seed else np.arange(edge * edge)[:many]
        pixels = np.full(edge * edge, level, np.uint8)
        pixels[places] = min(level + more, 255)

        assert is_blank(pixels.reshape(edge, edge, 1)) == bool(pixels.std() < 2.0)

    def test_a_reduced_jpeg_shows_the_same_head(self) -> None:
        file = encode(Image.fromarray(self.head(1024, 768)), "JPEG", quality=95)

        whole, reduced = (visible_region(decode(file, target=target), self.SPEC) for target in (None, 64))

        edges = [(one.left, one.top, one.right, one.bottom) for one in (whole, reduced)]
        np.testing.assert_allclose(*edges, atol=1 / 128)
