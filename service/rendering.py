"""A frame as it is meant to be shown, for programs that cannot decode DICOM or NIfTI. No model is asked."""

from dataclasses import dataclass

from PIL import Image

from service.imaging import Limits, open_image
from service.imaging.overlay import png_bytes


@dataclass(frozen=True)
class Rendering:
    """`png` is one upright 8-bit frame, greyscale or RGB; `frames` counts those of the file."""

    png: bytes
    frames: int


def render(data: bytes, limits: Limits, frame: int = 0, max_edge: int | None = None) -> Rendering:
    """Decode one frame and encode it as PNG, scaled down to at most `max_edge` pixels on its longer edge.

    Scaled to 1024 pixels, it covers the overlay of an explained prediction pixel by pixel. Raises a ProblemError as
    `service.imaging.decode` does.
    """
    picture = open_image(data, limits).picture(frame, _decoding_target(max_edge))
    image = picture.image
    if max_edge is not None and max(image.size) > max_edge:
        image = image.copy()
        image.thumbnail((max_edge, max_edge), Image.Resampling.BILINEAR)
    return Rendering(png_bytes(image), picture.frames)


def _decoding_target(max_edge: int | None) -> int | None:
    """Return the edge that makes a JPEG decode to at least `max_edge`: twice of it is decoded."""
    return None if max_edge is None else (max_edge + 1) // 2
