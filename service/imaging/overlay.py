"""A heat map laid over the picture it explains."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.imaging.region import WHOLE, Region

MAX_EDGE = 1024
OPACITY = 0.5


def overlay_png(
    picture: Image.Image, heatmap: NDArray[np.float32], region: Region = WHOLE, opacity: float = OPACITY
) -> bytes:
    """Return `overlay` as a PNG file."""
    return png_bytes(overlay(picture, heatmap, region, opacity))


def overlay(
    picture: Image.Image, heatmap: NDArray[np.float32], region: Region = WHOLE, opacity: float = OPACITY
) -> Image.Image:
    """Return `picture` in RGB (at most 1024 pixels on its longer edge) under a red-to-yellow `heatmap`.

    `heatmap` is float32 `[h, w]` in 0..1 and covers `region` of the picture; where it is 0, and outside `region`, the
    picture shows unchanged, where it is 1 the colour covers the share `opacity` (0..1) of it.
    """
    base = picture.convert("RGB")
    base.thumbnail((MAX_EDGE, MAX_EDGE), Image.Resampling.BILINEAR)
    weight = np.asarray(_placed(heatmap, region, base.size), dtype=np.float32)[..., None] / np.float32(255)
    mixed = np.asarray(base, dtype=np.float32) * (1 - opacity * weight) + heat_colour(weight) * (opacity * weight)
    return Image.fromarray(np.rint(mixed).astype(np.uint8))


def heat_colour(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return RGB in 0..255 for heat in 0..1, `[..., 1]` to `[..., 3]`: red at 0, yellow at 1."""
    return np.concatenate([np.full_like(weight, 255), 255 * weight, np.zeros_like(weight)], axis=-1)


def png_bytes(image: Image.Image) -> bytes:
    """Encode as PNG."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


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
