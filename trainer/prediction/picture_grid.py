"""Pictures in rows and columns, each over its caption, with the disclaimer below."""

import math
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from service import DISCLAIMER
from trainer.prediction.answers import Answer

EDGE = 224
"""Edge in pixels of the square that a picture is fitted into."""
_GAP = 8
_LINE = 20
_FONT_SIZE = 14
_PAPER, _INK, _ALERT, _EMPTY = (255, 255, 255), (20, 20, 20), (176, 32, 0), (225, 225, 225)


@dataclass(frozen=True)
class Tile:
    """A picture of at most 224 x 224 pixels, None where there is none to show, and what stands under it."""

    image: Image.Image | None
    caption: str
    name: str
    alert: bool


def tile(answer: Answer) -> Tile:
    """Return the tile of an answer: label and confidence, or why there are none."""
    image = None
    if answer.picture is not None:
        image = answer.picture.image.convert("RGB")
        image.thumbnail((EDGE, EDGE))
    result = answer.result
    if result is None:
        return Tile(image, f"refused: {answer.refusal}", answer.path.name, alert=True)
    confidence = f"{result.label} {100 * result.probability:.1f} %"
    decided = result.decision == result.label
    return Tile(
        image, confidence if decided else f"{result.decision}: {confidence}", answer.path.name, alert=not decided
    )


def draw_grid(tiles: Sequence[Tile]) -> Image.Image:
    """Return the tiles as an RGB picture, about as many columns as rows."""
    font = ImageFont.load_default(_FONT_SIZE)
    columns = math.ceil(math.sqrt(len(tiles)))
    rows = math.ceil(len(tiles) / columns)
    width, height = EDGE + _GAP, EDGE + 2 * _LINE + _GAP
    total = max(columns * width, math.ceil(font.getlength(DISCLAIMER)) + _GAP) + _GAP
    sheet = Image.new("RGB", (total, rows * height + _LINE + 2 * _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, one in enumerate(tiles):
        left, top = _GAP + number % columns * width, _GAP + number // columns * height
        _paste(sheet, one.image, left, top)
        draw.text((left, top + EDGE + 2), _fitted(one.caption, font), _ALERT if one.alert else _INK, font)
        draw.text((left, top + EDGE + 2 + _LINE), _fitted(one.name, font), _INK, font)
    draw.text((_GAP, sheet.height - _LINE - _GAP // 2), DISCLAIMER, _ALERT, font)
    return sheet


def _paste(sheet: Image.Image, image: Image.Image | None, left: int, top: int) -> None:
    sheet.paste(_EMPTY, (left, top, left + EDGE, top + EDGE))
    if image is not None:
        sheet.paste(image, (left + (EDGE - image.width) // 2, top + (EDGE - image.height) // 2))


def _fitted(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Return `text` in the characters that the font has, cut to the width of a tile."""
    plain = text.encode("ascii", "replace").decode("ascii")
    if font.getlength(plain) <= EDGE:
        return plain
    fitting = bisect(range(len(plain)), EDGE, key=lambda length: math.ceil(font.getlength(plain[:length] + "...")))
    return plain[: fitting - 1] + "..."
