"""A heat map laid over the picture it explains."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.imaging.region import WHOLE, Region

_MAX_EDGE = 1024
_OPACITY = 0.5


def overlay_png(picture: Image.Image, heatmap: NDArray[np.float32], region: Region = WHOLE) -> bytes:
    """Return a PNG of `picture` (at most 1024 pixels on its longer edge) under a red-to-yellow `heatmap`.

    `heatmap` is float32 `[h, w]` in 0..1 and covers `region` of the picture; where it is 0, and outside `region`, the
    picture shows unchanged, where it is 1 the colour covers half of it.
    """
    base = picture.convert("RGB")
    base.thumbnail((_MAX_EDGE, _MAX_EDGE), Image.Resampling.BILINEAR)
    weight = np.asarray(_placed(heatmap, region, base.size), dtype=np.float32)[..., None] / 255
    colour = np.concatenate([np.full_like(weight, 255), 255 * weight, np.zeros_like(weight)], axis=-1)
    mixed = np.asarray(base, dtype=np.float32) * (1 - _OPACITY * weight) + colour * (_OPACITY * weight)
    png = io.BytesIO()
    Image.fromarray(np.rint(mixed).astype(np.uint8)).save(png, "PNG")
    return png.getvalue()


def _placed(heatmap: NDArray[np.float32], region: Region, size: tuple[int, int]) -> Image.Image:
    """Return the heat as an 8-bit picture of `size`, 0 outside `region`."""
    left, top, right, bottom = (round(edge) for edge in region.box(size))
    heat = Image.fromarray(np.rint(np.clip(heatmap, 0.0, 1.0) * 255).astype(np.uint8))
    plane = Image.new("L", size)
    extent = max(right - left, 1), max(bottom - top, 1)
    plane.paste(heat.resize(extent, Image.Resampling.BICUBIC), (left, top))
    return plane


def data_uri(png: bytes) -> str:
    """Return the PNG as a `data:` URI (RFC 2397)."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
