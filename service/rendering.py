"""Frames as they are meant to be shown, for programs that cannot decode DICOM or NIfTI. No model is asked."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from service.errors import InvalidRequest, TooManyPixels
from service.imaging import ImageSource, Limits, Picture, open_image
from service.imaging.overlay import png_bytes

MOST_FRAMES = 64
_MOST_OBLONG = 20.0


@dataclass(frozen=True)
class View:
    """What is to be shown: `count` frames from `frame` on, `max_edge` pixels on the longer edge at most."""

    frame: int = 0
    count: int = 1
    max_edge: int | None = None


@dataclass(frozen=True)
class Rendering:
    """`png` is 8-bit, greyscale or RGB, upright; `frames` counts those of the file.

    `pixel_aspect` is the height of a pixel of the first frame divided by its width, both in mm; 1 where the file does
    not say, or says what no scanner makes.
    """

    png: bytes
    frames: int
    pixel_aspect: float = 1.0


def render(data: bytes, limits: Limits, view: View) -> Rendering:
    """Decode frames and encode them as one PNG, one under the other; at the end of the file they may be fewer.

    A frame scaled to 1024 pixels covers the overlay of an explained prediction pixel by pixel. Raises a ProblemError as
    `service.imaging.decode` does; TooManyPixels also where several frames together have more than one may have,
    InvalidRequest where they differ in size.
    """
    source = open_image(data, limits)
    pictures = list(_pictures(source, limits, view))
    sheet = _stacked([_scaled(picture.image, view.max_edge) for picture in pictures])
    return Rendering(png_bytes(sheet), pictures[0].frames, _pixel_aspect(pictures[0]))


def _pictures(source: ImageSource, limits: Limits, view: View) -> Iterator[Picture]:
    target = None if view.max_edge is None else (view.max_edge + 1) // 2  # a JPEG is decoded to twice of it
    first = source.picture(view.frame, target)
    pixels = first.width * first.height
    yield first
    for frame in range(view.frame + 1, min(view.frame + view.count, first.frames)):
        picture = source.picture(frame, target)
        pixels += picture.width * picture.height
        if pixels > limits.max_pixels:
            raise TooManyPixels(
                f"The frames have more than {limits.max_pixels} pixels together. Ask for fewer of them at once."
            )
        yield picture


def _pixel_aspect(picture: Picture) -> float:
    rows_mm, columns_mm = picture.spacing_mm or (1.0, 1.0)
    aspect = rows_mm / columns_mm
    return aspect if 1 / _MOST_OBLONG <= aspect <= _MOST_OBLONG else 1.0


def _scaled(image: Image.Image, max_edge: int | None) -> Image.Image:
    if max_edge is None or max(image.size) <= max_edge:
        return image
    scaled = image.copy()
    scaled.thumbnail((max_edge, max_edge), Image.Resampling.BILINEAR)
    return scaled


def _stacked(images: list[Image.Image]) -> Image.Image:
    first, *others = images
    if not others:
        return first
    if any(image.size != first.size for image in others):
        raise InvalidRequest("The frames differ in size. Ask for one at a time, without `count`.")
    mode = "L" if all(image.mode == "L" for image in images) else "RGB"
    sheet = Image.new(mode, (first.width, first.height * len(images)))
    for row, image in enumerate(images):
        sheet.paste(image, (0, row * first.height))
    return sheet
