"""The strip of words and colours under an explained picture."""

import numpy as np
import pytest
from PIL import Image

from service.imaging.legend import Legend, with_legend

LEGEND = Legend("glioma · 97.1 %", ("Decision: glioma", "Model: tiny 0.0.1"), "Research use only.")


def strip(width: int = 600, height: int = 300, legend: Legend = LEGEND, opacity: float = 0.5) -> np.ndarray:
    return np.asarray(with_legend(Image.new("RGB", (width, height), (9, 99, 9)), legend, opacity)).astype(int)[height:]


@pytest.mark.parametrize("size", [(600, 300), (1024, 1024), (420, 10)])
def test_the_picture_stands_unchanged_above_it(size: tuple[int, int]) -> None:
    sheet = with_legend(Image.new("RGB", size, (9, 99, 9)), LEGEND, 0.5)

    assert sheet.width == size[0]
    assert sheet.height > size[1] + 80
    assert sheet.crop((0, 0, *size)).getcolors() == [(size[0] * size[1], (9, 99, 9))]


def test_a_small_picture_is_centred_above_words_that_can_be_read() -> None:
    sheet = np.asarray(with_legend(Image.new("RGB", (64, 32), (9, 99, 9)), LEGEND, 0.5))

    green = (sheet == (9, 99, 9)).all(axis=-1)
    assert sheet.shape[1] == 420
    assert np.flatnonzero(green.any(axis=0))[[0, -1]].tolist() == [178, 241]


@pytest.mark.parametrize(("opacity", "hottest"), [(1.0, (255, 255, 0)), (0.5, (128, 128, 0)), (0.0, (0, 0, 0))])
def test_the_scale_ends_in_the_colour_of_full_heat(opacity: float, hottest: tuple[int, int, int]) -> None:
    pixels = strip(opacity=opacity).reshape(-1, 3)

    assert (pixels == hottest).all(axis=-1).any()
    assert (pixels[:, 0] - pixels[:, 2]).max() == hottest[0]


@pytest.mark.parametrize(
    "other",
    [
        Legend("glioma · 97.2 %", LEGEND.lines, LEGEND.footer),
        Legend(LEGEND.title, ("Decision: uncertain", "Model: tiny 0.0.1"), LEGEND.footer),
        Legend(LEGEND.title, LEGEND.lines, "Another footer."),
    ],
)
def test_every_word_is_drawn(other: Legend) -> None:
    assert not np.array_equal(strip(legend=other), strip())


def test_what_is_too_long_stays_inside() -> None:
    drawn = strip(legend=Legend("glioma " * 40, ("x" * 400,), "y" * 400))

    assert (drawn[:, -12:] == drawn[0, 0]).all()
