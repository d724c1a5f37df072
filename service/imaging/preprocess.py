"""A decoded picture -> the uint8 array that the model takes."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from service.imaging.picture import Picture

_BLANK_STD = 2.0


class PreprocessSpec(BaseModel):
    """How a picture becomes the model's input; it travels in the card of the model file.

    `size` is the edge of the square input in pixels, `channels` 1 for greyscale (ITU-R 601 luma) or 3 for RGB, `resize`
    the rule for other shapes: `stretch` ignores the aspect ratio. `crop` is the rule for cutting out the brain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(default=224, ge=32, le=1024)
    channels: Literal[1, 3] = 1
    resize: Literal["stretch"] = "stretch"
    crop: Literal["none"] = "none"


def preprocess(picture: Picture, spec: PreprocessSpec) -> NDArray[np.uint8]:
    """Return uint8 `[size, size, channels]`, values 0..255, resized with Pillow's antialiased bilinear filter."""
    image = picture.image.convert("L" if spec.channels == 1 else "RGB")
    resized = image.resize((spec.size, spec.size), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.uint8).reshape(spec.size, spec.size, spec.channels)


def is_blank(pixels: NDArray[np.uint8]) -> bool:
    """Whether nothing can be seen: the standard deviation of the values is below 2 of 255."""
    return bool(pixels.std() < _BLANK_STD)
