"""Pictures that are no MRI."""

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from service.imaging import PreprocessSpec, decode, is_blank, preprocess
from trainer.refusals.synthetic import KINDS, synthetic_png

NUMBERS = range(6)


def drawn(kind: str, number: int, seed: int = 0) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(synthetic_png(kind, number, seed))))


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_and_the_number_draw_the_picture(kind: str) -> None:
    first = synthetic_png(kind, 0)

    assert synthetic_png(kind, 0) == first
    assert synthetic_png(kind, 1) != first
    assert synthetic_png(kind, 0, seed=1) != first


def test_no_two_kinds_share_their_dice() -> None:
    sizes = {kind: [drawn(kind, number).shape for number in NUMBERS] for kind in KINDS}

    assert all(sizes[one] != sizes[other] for one, other in combinations(KINDS, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_the_service_reads_it_and_only_a_blank_one_is_blank(kind: str) -> None:
    for number in NUMBERS:
        picture = decode(synthetic_png(kind, number))

        assert picture.image.mode == "L"
        assert all(128 <= edge <= 512 for edge in (picture.width, picture.height))
        assert is_blank(preprocess(picture, PreprocessSpec())) == (kind == "blank")


@pytest.mark.parametrize("number", NUMBERS)
def test_uniform_noise_is_uniform(number: int) -> None:
    counts = np.bincount(drawn("noise-uniform", number).ravel(), minlength=256)

    assert counts.size == 256
    assert counts == pytest.approx(counts.mean(), rel=0, abs=6 * np.sqrt(counts.mean()))


@pytest.mark.parametrize("number", NUMBERS)
def test_gaussian_noise_is_normal_where_it_is_not_cut_off(number: int) -> None:
    pixels = drawn("noise-gaussian", number).astype(float)
    low, middle, high = np.percentile(pixels, (15.87, 50, 84.13))

    assert 64 - 2 <= middle <= 192 + 2
    assert 16 - 2 <= (high - low) / 2 <= 64 + 2
    assert abs(np.corrcoef(pixels[:, :-1].ravel(), pixels[:, 1:].ravel())[0, 1]) < 0.03


@pytest.mark.parametrize("number", NUMBERS)
def test_a_gradient_is_smooth_and_spans_two_greys(number: int) -> None:
    pixels = drawn("gradient", number).astype(int)

    assert np.ptp(pixels) >= 64
    assert max(np.abs(np.diff(pixels, axis=axis)).max() for axis in (0, 1)) <= 6


@pytest.mark.parametrize("number", NUMBERS)
def test_a_checkerboard_has_two_greys_that_alternate(number: int) -> None:
    pixels = drawn("checkerboard", number).astype(int)
    edge = int(np.argmax(pixels[0] != pixels[0, 0]))

    assert len(np.unique(pixels)) == 2
    assert 4 <= edge <= 64
    assert (pixels[edge:] != pixels[:-edge]).all() and (pixels[:, edge:] != pixels[:, :-edge]).all()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_page_of_text_is_mostly_paper_with_lines_of_ink(number: int) -> None:
    pixels = drawn("text", number).astype(int)
    inked = np.abs(pixels - pixels[0, 0]) > 32
    rows_with_ink = inked.any(axis=1)

    assert 0.02 < inked.mean() < 0.5
    assert (np.diff(rows_with_ink.astype(int)) == 1).sum() >= 4
