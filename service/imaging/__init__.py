"""The one owner of preprocessing: bytes -> picture -> uint8 array. The trainer imports it too."""

from service.imaging.brain_crop import brain_region
from service.imaging.picture import Limits, Picture
from service.imaging.preprocess import PreprocessSpec, is_blank, preprocess, visible_region
from service.imaging.raster import decode
from service.imaging.region import WHOLE, Region

__all__ = [
    "WHOLE",
    "Limits",
    "Picture",
    "PreprocessSpec",
    "Region",
    "brain_region",
    "decode",
    "is_blank",
    "preprocess",
    "visible_region",
]
