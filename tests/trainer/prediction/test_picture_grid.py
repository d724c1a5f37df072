"""Pictures in rows and columns."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from service import DISCLAIMER
from service.imaging import Picture
from tests.trainer.prediction.test_table import RESULT
from trainer.prediction.answers import Answer
from trainer.prediction.picture_grid import EDGE, Tile, draw_grid, tile

DECIDED = dataclasses.replace(RESULT, decision="glioma")


def picture(width: int = 300, height: int = 150, value: int = 90) -> Picture:
    return Picture(Image.new("L", (width, height), value), "PNG", width, height, frames=1)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever is written on a sheet."""
    texts: list[str] = []
    draw_text = ImageDraw.ImageDraw.text

    def text(self: ImageDraw.ImageDraw, place: tuple[float, float], text: str, *more: object) -> None:
        texts.append(text)
        draw_text(self, place, text, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", text)
    return texts


@pytest.mark.parametrize(
    ("answer", "caption", "alert"),
    [
        (Answer(Path("a/b.png"), picture(), DECIDED), "glioma 75.0 %", False),
        (Answer(Path("a/b.png"), picture(), RESULT), "uncertain: glioma 75.0 %", True),
        (Answer(Path("a/b.png"), picture(), refusal="blank-image"), "refused: blank-image", True),
        (Answer(Path("a/b.png"), refusal="unreadable-image"), "refused: unreadable-image", True),
    ],
    ids=["decided", "uncertain", "refused", "unreadable"],
)
def test_the_caption_says_label_and_confidence_or_why_there_are_none(answer: Answer, caption: str, alert: bool) -> None:
    one = tile(answer)

    assert (one.caption, one.name, one.alert) == (caption, "b.png", alert)
    assert (one.image is None) == (answer.picture is None)


def test_a_picture_is_fitted_into_its_square_and_not_changed_itself() -> None:
    shown = picture(1000, 500)

    fitted = tile(Answer(Path("a.png"), shown, DECIDED)).image

    assert fitted is not None and fitted.size == (EDGE, EDGE // 2)
    assert shown.image.size == (1000, 500)


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (3, 2, 2), (5, 3, 2), (25, 5, 5)])
def test_there_are_about_as_many_columns_as_rows(count: int, columns: int, rows: int) -> None:
    bright = Tile(Image.new("RGB", (EDGE, EDGE), (0, 255, 0)), "", "", False)

    pixels = np.asarray(draw_grid([bright] * count))

    green = (pixels == (0, 255, 0)).all(axis=-1)
    assert green.sum() == count * EDGE * EDGE
    assert (green.any(axis=0).sum(), green.any(axis=1).sum()) == (columns * EDGE, rows * EDGE)


def test_every_caption_and_the_disclaimer_are_on_the_sheet(written: list[str]) -> None:
    sheet = draw_grid([Tile(None, f"caption {n}", f"name {n}", False) for n in range(3)])

    assert written == ["caption 0", "name 0", "caption 1", "name 1", "caption 2", "name 2", DISCLAIMER]
    assert sheet.width > 2 * EDGE


def test_names_in_any_script_and_of_any_length_are_shown_as_far_as_they_fit(written: list[str]) -> None:
    draw_grid([Tile(None, "gliöm \udcff", "n" * 500, False)])

    assert written[0] == "gli?m ?"
    assert written[1].startswith("nnnn") and written[1].endswith("...") and len(written[1]) < 40
