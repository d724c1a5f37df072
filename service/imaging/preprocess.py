"""A decoded picture -> the uint8 array that the model takes."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from service.imaging.brain_crop import brain_region
from service.imaging.picture import Picture
from service.imaging.region import WHOLE, Region

_BLANK_STD = 2.0
_SOME_ROWS = 8


class PreprocessSpec(BaseModel):
    """How a picture becomes the model's input; it travels in the card of the model file.

    `size` is the edge of the square input in pixels, `channels` 1 for greyscale (ITU-R 601 luma) or 3 for RGB, `resize`
    the rule for other shapes: `stretch` ignores the aspect ratio. `crop` is the rule for cutting out the brain: `brain`
    keeps the head, wider by `crop_margin` of its edges on every side, `none` the whole picture.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(default=224, ge=32, le=1024)
    channels: Literal[1, 3] = 1
    resize: Literal["stretch"] = "stretch"
    crop: Literal["none", "brain"] = "none"
    crop_margin: float = Field(default=0.02, ge=0.0, le=0.5)


def visible_region(picture: Picture, spec: PreprocessSpec) -> Region:
    """Return the part of `picture` that becomes the model's input."""
    return brain_region(picture.image, spec.crop_margin) if spec.crop == "brain" else WHOLE


def preprocess(picture: Picture, spec: PreprocessSpec) -> NDArray[np.uint8]:
    """Return uint8 `[size, size, channels]`, values 0..255.

    The visible region is resized with Pillow's antialiased bilinear filter, which at the rim sees what lies beyond.
    """
    mode = "L" if spec.channels == 1 else "RGB"
    image = picture.image if picture.image.mode == mode else picture.image.convert(mode)
    box = visible_region(picture, spec).box(image.size)
    resized = image.resize((spec.size, spec.size), Image.Resampling.BILINEAR, box)
    return np.asarray(resized, dtype=np.uint8).reshape(spec.size, spec.size, spec.channels)


def is_blank(pixels: NDArray[np.uint8]) -> bool:
    """Whether nothing can be seen: the standard deviation of the values is below 2 of 255.

    Some rows are looked at first: what varies a lot among them is enough for all, however even the rest may be.
    """
    some = pixels[::_SOME_ROWS]
    if some.size * some.std() ** 2 > 2 * pixels.size * _BLANK_STD**2:
        return False
    return bool(pixels.std() < _BLANK_STD)
