"""A decoded image with the facts of its header."""

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class Limits:
    """Bounds checked on the header, before any pixel is decoded.

    `max_pixels` counts columns x rows of one frame.
    """

    max_pixels: int = 64_000_000


@dataclass(frozen=True)
class Picture:
    """One decoded frame.

    `image` is 8-bit, mode `L` or `RGB`, upright. It may be smaller than `width` x `height`, the upright size the
    header announces, when the decoder was allowed to scale down. Of the pages of a TIFF at most 1000 are counted.
    """

    image: Image.Image
    format: str
    width: int
    height: int
    frames: int
    frame: int = 0
