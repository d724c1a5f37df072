"""A strip of words and a colour scale under a picture, for an explanation that must stand alone."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from service.imaging.overlay import heat_colour

_MIN_WIDTH = 420
_INK, _MUTED, _GROUND = (240, 242, 245), (170, 178, 188), (16, 19, 23)
_SCALE_TITLE = "evidence for this class"
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Legend:
    """What stands under the picture: a large `title`, `lines` below it, and a `footer` that is never left out."""

    title: str
    lines: tuple[str, ...]
    footer: str


def with_legend(picture: Image.Image, legend: Legend, opacity: float) -> Image.Image:
    """Return an RGB picture, at least 420 pixels wide, with the legend on a dark strip under it.

    The scale shows the colours of heat as `opacity` mixes them with black. Text is set in the font that Pillow brings
    along (Latin letters); what is too long for the width ends in an ellipsis.
    """
    width = max(picture.width, _MIN_WIDTH)
    strip = _strip(width, legend, opacity)
    sheet = Image.new("RGB", (width, picture.height + strip.height), _GROUND)
    sheet.paste(picture, ((width - picture.width) // 2, 0))
    sheet.paste(strip, (0, picture.height))
    return sheet


def _strip(width: int, legend: Legend, opacity: float) -> Image.Image:
    size = max(width // 40, 12)
    large, small = ImageFont.load_default(size * 1.6), ImageFont.load_default(size)
    rows = [(legend.title, large, _INK), *((line, small, _INK) for line in legend.lines)]
    rows += [("", small, _INK), (legend.footer, small, _INK)]
    heights = [round(_size(font) * 1.5) for _, font, _ in rows]
    strip = Image.new("RGB", (width, sum(heights) + 2 * size), _GROUND)
    draw = ImageDraw.Draw(strip)
    top = size
    for (text, font, ink), height in zip(rows, heights, strict=True):
        draw.text((size, top), _fitted(text, font, width - 2 * size), font=font, fill=ink)
        top += height
    _draw_scale(strip, small, (size, size + sum(heights[:-2])), opacity)
    return strip


def _draw_scale(strip: Image.Image, font: _Font, corner: tuple[int, int], opacity: float) -> None:
    """Draw `low`, the colours from none to full heat, `high` and what they mean, in one row from `corner` on."""
    draw, (left, top), size = ImageDraw.Draw(strip), corner, _size(font)
    draw.text((left, top), "low", font=font, fill=_MUTED)
    left += round(draw.textlength("low", font)) + size // 2
    weight = np.broadcast_to(
        np.linspace(0, 1, strip.width // 4, dtype=np.float32)[:, None], (size, strip.width // 4, 1)
    )
    colours = np.rint(heat_colour(weight) * weight * opacity).astype(np.uint8)
    strip.paste(Image.fromarray(colours), (left, top + size // 8))
    left += colours.shape[1] + size // 2
    draw.text((left, top), _fitted(f"high: {_SCALE_TITLE}", font, strip.width - left), font=font, fill=_MUTED)


def _fitted(text: str, font: _Font, width: float) -> str:
    """Return `text`, cut and ended by an ellipsis where it is longer than `width` pixels."""
    if font.getlength(text) <= width:
        return text
    kept = next((n for n in range(len(text), 0, -1) if font.getlength(text[:n] + "…") <= width), 0)
    return text[:kept] + "…"


def _size(font: _Font) -> int:
    return round(font.size) if isinstance(font, ImageFont.FreeTypeFont) else 12
