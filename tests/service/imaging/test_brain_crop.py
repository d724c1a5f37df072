"""Where the head lies in a slice."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from service.imaging.brain_crop import MIN_EDGE, brain_region
from service.imaging.region import WHOLE
from service.phantom import Lesion, brain_slice

phantom = cache(brain_slice)

CELL = 4
"""Pixels of a 512-pixel picture to a pixel of the working copy."""
CHENG = Path(__file__).parents[4] / "shared" / "data" / "cheng"


def box(pixels: np.ndarray, margin: float = 0.0) -> tuple[float, ...]:
    image = Image.fromarray(pixels)
    return brain_region(image, margin).box(image.size)


def block(left: int, top: int, right: int, bottom: int, value: int = 120, size: int = 512) -> np.ndarray:
    pixels = np.zeros((size, size), np.uint8)
    pixels[top:bottom, left:right] = value
    return pixels


def extent(pixels: np.ndarray) -> tuple[int, ...]:
    """Return the box of what is brighter than half of the scalp in a phantom."""
    rows, columns = np.nonzero(pixels > 60)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize(("seed", "lesion"), [(1, "none"), (0, "glioma"), (2, "meningioma"), (3, "pituitary")])
def test_the_head_of_a_phantom_is_found_to_the_working_pixel(seed: int, lesion: Lesion) -> None:
    pixels = phantom(seed, lesion)

    np.testing.assert_allclose(box(pixels), extent(pixels), atol=1.5 * CELL)


def test_the_box_of_a_phantom_is_the_same_as_ever() -> None:
    assert box(phantom(0, "glioma")) == (92.0, 56.0, 424.0, 452.0)


@pytest.mark.parametrize(("right", "down"), [(0, 0), (64, 40), (128, 192)])
def test_a_head_that_lies_elsewhere_is_found_there(right: int, down: int) -> None:
    pixels = np.zeros((512, 512), np.uint8)
    pixels[down : down + 256, right : right + 256] = phantom(1, size=256)

    assert box(pixels) == (48 + right, 28 + down, 208 + right, 232 + down)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: np.repeat(p[..., None], 3, axis=-1),
        lambda p: 255 - p,
        lambda p: p // 2,
        lambda p: p[::2, ::2],
        lambda p: np.maximum(p, 25),
        lambda p: np.stack([p, p // 2, p // 3], axis=-1),
    ],
    ids=["rgb", "inverted", "dim", "half the size", "grey background", "tinted"],
)
def test_the_same_head_however_it_is_stored(change: object) -> None:
    pixels = phantom(2, "meningioma")
    changed = Image.fromarray(change(pixels))  # type: ignore[operator]

    found = brain_region(changed, 0.0).box((512, 512))

    np.testing.assert_allclose(found, box(pixels), atol=CELL)


def test_annotations_are_not_part_of_the_head() -> None:
    pixels = phantom(0, "glioma")
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    draw.text((4, 4), "Se 4\nIm 18", fill=255)
    draw.line((0, 500, 511, 500), fill=255)

    assert box(np.asarray(image)) == box(pixels)


def test_scalp_and_brain_are_one_head_in_spite_of_the_dark_skull() -> None:
    pixels = block(120, 80, 400, 440, 0)
    pixels[80:440, 120:400] = 150
    pixels[92:428, 132:388] = 3
    pixels[116:404, 156:364] = 60

    assert box(pixels) == (120, 80, 400, 440)


@pytest.mark.parametrize(
    ("margin", "expected"),
    [
        (0.0, (128, 96, 384, 400)),
        (0.125, (96, 58, 416, 438)),
        (0.5, (0, 0, 512, 512)),
    ],
)
def test_the_margin_is_a_share_of_the_heads_edges_and_ends_at_the_picture(
    margin: float, expected: tuple[int, ...]
) -> None:
    assert box(block(128, 96, 384, 400), margin) == expected


def test_a_head_that_touches_the_picture_is_kept_to_its_edge() -> None:
    assert box(block(0, 128, 256, 512)) == (0, 128, 256, 512)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((200, 200), np.uint8),
        np.full((200, 200), 255, np.uint8),
        np.full((200, 200, 3), 90, np.uint8),
        np.random.default_rng(0).integers(0, 8, (512, 512), dtype=np.uint8),
        block(200, 200, 300, 300),
        block(200, 0, 290, 512),
        block(0, 0, 512, 512, 70),
        block(10, 10, 40, 40, size=48),
        np.full((1, 1), 7, np.uint8),
        np.eye(3, 4000, dtype=np.uint8) * 255,
    ],
    ids=[
        "black",
        "white",
        "grey",
        "noise of an empty slice",
        "too small",
        "too narrow",
        "full",
        "too few pixels",
        "one pixel",
        "a line",
    ],
)
def test_where_no_head_stands_out_the_picture_stays_whole(pixels: np.ndarray) -> None:
    assert brain_region(Image.fromarray(pixels), 0.0) == WHOLE


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    data=st.data(),
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    channels=st.sampled_from([1, 3]),
    margin=st.floats(0, 0.5),
)
def test_any_picture_has_a_region_inside_it_of_at_least_32_pixels(
    data: st.DataObject, height: int, width: int, channels: int, margin: float
) -> None:
    cells = data.draw(st.integers(1, 12))
    noise = np.random.default_rng(data.draw(st.integers(0, 999))).integers(0, 256, (cells, cells, channels))
    levels = data.draw(st.sampled_from([2, 3, 256]))
    coarse = Image.fromarray(
        (noise * levels // 256 * (255 // (levels - 1))).astype(np.uint8).squeeze(-1 if channels == 1 else ())
    )
    image = coarse.resize(
        (width, height), data.draw(st.sampled_from([Image.Resampling.NEAREST, Image.Resampling.BILINEAR]))
    )

    region = brain_region(image, margin)

    left, top, right, bottom = region.box(image.size)
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert region == WHOLE or min(right - left, bottom - top) >= MIN_EDGE
    assert region == brain_region(image.copy(), margin)


@pytest.mark.skipif(not CHENG.is_dir(), reason="the data set 'cheng' is not here")
def test_the_tumour_lies_inside_the_crop_of_real_slices() -> None:
    cut = []
    files = sorted((CHENG / "images").iterdir())[::20]
    for path in files:
        with Image.open(path) as image, Image.open(CHENG / "masks" / f"{path.stem}.png") as mask:
            rows, columns = np.nonzero(np.asarray(mask.convert("L")))
            left, top, right, bottom = brain_region(image.convert("L"), 0.02).box(mask.size)
        inside = left <= columns.min() and columns.max() < right and top <= rows.min() and rows.max() < bottom
        cut += [] if inside else [path.name]

    assert len(cut) <= 0.005 * len(files), cut
