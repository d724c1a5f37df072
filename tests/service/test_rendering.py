"""A frame as it is meant to be shown."""

import io

import numpy as np
import pytest
from PIL import Image

from service.errors import InvalidRequest
from service.imaging import Limits
from service.rendering import render
from tests.pictures import dark, encode


def shown(data: bytes, **options: int) -> Image.Image:
    return Image.open(io.BytesIO(render(data, Limits(), **options).png))


def test_grey_stays_grey_and_colour_stays_colour() -> None:
    grey = dark()

    assert shown(encode(grey)).mode == "L"
    assert shown(encode(np.repeat(grey[..., None], 3, axis=-1))).mode == "RGB"


@pytest.mark.parametrize("edge", [63, 64, 500, 1023])
def test_a_large_jpeg_has_just_the_edge_that_is_asked_for(edge: int) -> None:
    picture = shown(encode(dark(2000, 1000), "JPEG"), max_edge=edge)

    assert picture.size == (edge, pytest.approx(edge / 2, abs=1))


def test_frames_are_counted_and_a_missing_one_is_refused() -> None:
    file = io.BytesIO()
    first, second = (Image.fromarray(dark(seed=seed)) for seed in (1, 2))
    first.save(file, "TIFF", save_all=True, append_images=[second])

    assert render(file.getvalue(), Limits()).frames == 2
    np.testing.assert_array_equal(np.asarray(shown(file.getvalue(), frame=1)), dark(seed=2))
    with pytest.raises(InvalidRequest, match="numbers 0 to 1"):
        render(file.getvalue(), Limits(), frame=2)
