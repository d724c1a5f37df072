"""The pointing game."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tiny_model import SIZE
from tests.trainer.evaluation.answers import outcomes
from trainer.evaluation.localisation import localisation, one_round, play
from trainer.evaluation.outcomes import Outcomes

GREY = np.full((SIZE, SIZE), 100.0)


def heat_at(row: int, column: int) -> np.ndarray:
    heat = np.zeros((4, 4), np.float32)
    heat[row, column] = 1
    return heat


def mask_of(rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[rows, columns] = True
    return mask


@pytest.mark.parametrize(
    ("left", "hit"),
    [(8, True), (16, True), (17, False), (30, False)],  # the peak is at column 12, half a cell is 4 pixels
)
def test_a_peak_hits_up_to_half_a_cell_from_the_mask(left: int, hit: bool) -> None:
    mask = mask_of(slice(4, 6), slice(left, left + 2))

    assert one_round(heat_at(0, 1), mask, GREY)[0] is hit


def test_the_centre_is_judged_by_the_same_rule() -> None:
    assert one_round(heat_at(0, 0), mask_of(slice(14, 20), slice(14, 20)), GREY)[1]
    assert not one_round(heat_at(2, 2), mask_of(slice(0, 2), slice(0, 2)), GREY)[1]


def test_the_chance_counts_pixels_of_the_head_alone() -> None:
    mask = mask_of(slice(0, SIZE), slice(0, SIZE // 2 - 4))
    dark_right = np.where(np.arange(SIZE) < SIZE // 2, 100.0, 1.0) * np.ones((SIZE, 1))

    assert one_round(heat_at(0, 0), mask, GREY)[2] == pytest.approx(0.5)
    assert one_round(heat_at(0, 0), mask, dark_right)[2] == pytest.approx(1.0)


@pytest.fixture
def played(tmp_path: Path) -> Outcomes:
    """Four images with the tumour at the top left: a hit, a miss that is a wrong answer, no tumour, no mask."""
    Image.fromarray(np.random.default_rng(0).integers(50, 250, (40, 60), np.uint8)).save(tmp_path / "picture.png")
    outline = np.zeros((40, 60), bool)
    outline[:10, :15] = True
    Image.fromarray(outline).save(tmp_path / "outline.png")
    Image.fromarray(np.zeros_like(outline)).save(tmp_path / "empty.png")
    heat = np.stack([heat_at(0, 0), heat_at(3, 3), heat_at(0, 0), heat_at(0, 0)])
    answers = outcomes(
        ["glioma", "glioma", "no_tumor", "glioma"], [[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1]] * 2, heat
    )
    masks = [tmp_path / "outline.png", tmp_path / "outline.png", tmp_path / "empty.png", None]
    samples = [replace(s, path=tmp_path / "picture.png", mask=m) for s, m in zip(answers.samples, masks, strict=True)]
    return Outcomes(answers.card, samples, answers.results)


def test_only_tumours_with_an_outline_are_played(played: Outcomes) -> None:
    scores = localisation(play(played), played, range(4))

    assert scores is not None
    assert scores["all_with_a_mask"]["images"] == 2
    assert scores["all_with_a_mask"]["peak_hits"] == 0.5
    assert scores["correctly_classified"]["images"] == 1
    assert scores["correctly_classified"]["peak_hits"] == 1.0
    assert scores["all_with_a_mask"]["control_centre_of_the_picture"] == 0.0
    assert 0.05 < scores["all_with_a_mask"]["control_random_pixel_of_the_head"] < 0.25


def test_a_source_without_masks_has_no_score(played: Outcomes) -> None:
    assert localisation(play(played), played, [2, 3]) is None


def test_a_mask_that_cannot_be_read_is_counted(played: Outcomes, tmp_path: Path) -> None:
    (tmp_path / "outline.png").write_bytes(b"no picture")

    assert play(played).unreadable == 2


@pytest.mark.parametrize(("crop", "hit"), [("brain", 1.0), ("none", 0.0)])
def test_the_outline_is_cropped_like_the_picture(tmp_path: Path, crop: str, hit: float) -> None:
    head, outline = np.zeros((200, 200), np.uint8), np.zeros((200, 200), bool)
    head[100:180, 100:180] = 200
    outline[100:115, 100:115] = True
    Image.fromarray(head).save(tmp_path / "picture.png")
    Image.fromarray(outline).save(tmp_path / "outline.png")
    answers = outcomes(["glioma"], [[0.7, 0.1, 0.1, 0.1]], heat_at(0, 0)[None])
    sample = replace(answers.samples[0], path=tmp_path / "picture.png", mask=tmp_path / "outline.png")
    spec = answers.card.preprocess.model_copy(update={"crop": crop})
    cropped = Outcomes(answers.card.model_copy(update={"preprocess": spec}), [sample], answers.results)

    scores = localisation(play(cropped), cropped, [0])

    assert scores is not None
    assert scores["all_with_a_mask"]["peak_hits"] == hit
