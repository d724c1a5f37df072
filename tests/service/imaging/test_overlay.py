"""The heat map laid over the picture."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from service.imaging.overlay import data_uri, overlay_png
from service.imaging.region import Region


def overlay(picture: Image.Image, heatmap: np.ndarray) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(overlay_png(picture, heatmap.astype(np.float32))))).astype(int)


def grey(value: int = 100, width: int = 40, height: int = 30) -> Image.Image:
    return Image.new("L", (width, height), value)


def test_no_heat_leaves_the_picture_as_it_is() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)

    np.testing.assert_array_equal(overlay(Image.fromarray(pixels), np.zeros((7, 7))), pixels)


@pytest.mark.parametrize(("heat", "colour"), [(1.0, (178, 178, 50)), (0.5, (139, 107, 75))])
def test_heat_goes_from_red_to_yellow_and_covers_half(heat: float, colour: tuple[int, int, int]) -> None:
    pixels = overlay(grey(100), np.full((7, 7), heat))

    np.testing.assert_allclose(pixels, np.broadcast_to(colour, pixels.shape), atol=1)


@pytest.mark.parametrize(("opacity", "colour"), [(0.0, (100, 100, 100)), (0.2, (131, 131, 80)), (1.0, (255, 255, 0))])
def test_opacity_is_the_share_that_the_hottest_spot_covers(opacity: float, colour: tuple[int, int, int]) -> None:
    file = overlay_png(grey(100), np.ones((7, 7), np.float32), opacity=opacity)

    assert Image.open(io.BytesIO(file)).getcolors() == [(1200, colour)]


def test_an_opaque_overlay_laid_over_the_picture_gives_every_other_opacity() -> None:
    """The page asks once, and mixes what it got with the picture under a slider."""
    heatmap = np.random.default_rng(0).random((7, 7))
    opaque = np.asarray(Image.open(io.BytesIO(overlay_png(grey(100), heatmap.astype(np.float32), opacity=1.0))))

    np.testing.assert_allclose(0.5 * 100 + 0.5 * opaque.astype(float), overlay(grey(100), heatmap), atol=1)


def test_heat_shows_where_it_is() -> None:
    heatmap = np.zeros((6, 8))
    heatmap[1, 6] = 1

    pixels = overlay(grey(0), heatmap)

    row, column = np.unravel_index(pixels[..., 0].argmax(), pixels.shape[:2])
    assert (row // 5, column // 5) == (1, 6)


@pytest.mark.parametrize("size", [(80, 40), (1600, 800)])
def test_heat_of_a_part_lies_on_that_part_alone(size: tuple[int, int]) -> None:
    file = overlay_png(Image.new("L", size), np.ones((7, 7), np.float32), Region(0.25, 0.5, 0.75, 1.0))

    heated = np.asarray(Image.open(io.BytesIO(file)))[..., 0] > 0
    height, width = heated.shape
    expected = np.zeros_like(heated)
    expected[height // 2 :, width // 4 : 3 * width // 4] = True
    np.testing.assert_array_equal(heated, expected)


def test_a_part_thinner_than_a_pixel_is_still_shown() -> None:
    file = overlay_png(Image.new("L", (20, 20)), np.ones((7, 7), np.float32), Region(0.5, 0.0, 0.501, 1.0))

    assert (np.asarray(Image.open(io.BytesIO(file)))[..., 0] > 0).sum() == 20


def test_values_outside_the_range_are_clipped() -> None:
    np.testing.assert_array_equal(overlay(grey(), np.full((3, 3), 9.0)), overlay(grey(), np.ones((3, 3))))
    np.testing.assert_array_equal(overlay(grey(), np.full((3, 3), -9.0)), overlay(grey(), np.zeros((3, 3))))


@pytest.mark.parametrize(
    ("size", "expected"), [((40, 30), (40, 30)), ((2048, 1024), (1024, 512)), ((1, 1), (1, 1)), ((3000, 2), (1024, 1))]
)
def test_the_picture_is_shown_at_most_1024_pixels_long(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert overlay(grey(7, *size), np.zeros((7, 7))).shape == (expected[1], expected[0], 3)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_picture_itself_is_not_changed(mode: str) -> None:
    picture = Image.new(mode, (1500, 20), 50 if mode == "L" else (50, 60, 70))
    before = picture.tobytes()

    overlay_png(picture, np.ones((7, 7), np.float32))

    assert (picture.size, picture.tobytes()) == ((1500, 20), before)


def test_data_uri_holds_the_file() -> None:
    head, _, body = data_uri(b"\x89PNG").partition(",")

    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == b"\x89PNG"
