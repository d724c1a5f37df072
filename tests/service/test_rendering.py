"""A frame as it is meant to be shown."""

import io

import numpy as np
import pytest
from PIL import Image

from service.errors import InvalidRequest, TooManyPixels
from service.imaging import Limits
from service.rendering import View, render
from tests.pictures import dark, encode


def shown(data: bytes, **options: int) -> Image.Image:
    return Image.open(io.BytesIO(render(data, Limits(), View(**options)).png))


def pages(*pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    first, *others = map(Image.fromarray, pixels)
    first.save(file, "TIFF", save_all=True, append_images=others)
    return file.getvalue()


def test_grey_stays_grey_and_colour_stays_colour() -> None:
    grey = dark()

    assert shown(encode(grey)).mode == "L"
    assert shown(encode(np.repeat(grey[..., None], 3, axis=-1))).mode == "RGB"


@pytest.mark.parametrize("edge", [63, 64, 500, 1023])
def test_a_large_jpeg_has_just_the_edge_that_is_asked_for(edge: int) -> None:
    picture = shown(encode(dark(2000, 1000), "JPEG"), max_edge=edge)

    assert picture.size == (edge, pytest.approx(edge / 2, abs=1))


def test_frames_are_counted_and_a_missing_one_is_refused() -> None:
    file = pages(dark(seed=1), dark(seed=2))

    assert render(file, Limits(), View()).frames == 2
    np.testing.assert_array_equal(np.asarray(shown(file, frame=1)), dark(seed=2))
    with pytest.raises(InvalidRequest, match="numbers 0 to 1"):
        render(file, Limits(), View(frame=2))


@pytest.mark.parametrize(
    ("frame", "count", "seeds"), [(0, 2, (0, 1)), (1, 2, (1, 2)), (1, 64, (1, 2, 3)), (3, 2, (3,))]
)
def test_several_frames_stand_one_under_the_other(frame: int, count: int, seeds: tuple[int, ...]) -> None:
    file = pages(*(dark(seed=seed) for seed in range(4)))

    expected = np.concatenate([dark(seed=seed) for seed in seeds])
    np.testing.assert_array_equal(np.asarray(shown(file, frame=frame, count=count)), expected)


def test_several_frames_may_have_no_more_pixels_than_one() -> None:
    file, limits = pages(*(dark(seed=seed) for seed in range(3))), Limits(max_pixels=2 * dark().size)

    assert render(file, limits, View(count=2)).frames == 3
    with pytest.raises(TooManyPixels, match="fewer of them at once"):
        render(file, limits, View(count=3))


def test_frames_of_different_sizes_are_shown_one_at_a_time() -> None:
    file = pages(dark(), dark(40, 40))

    assert shown(file, frame=1).size == (40, 40)
    with pytest.raises(InvalidRequest, match="differ in size"):
        render(file, Limits(), View(count=2))
