"""The one owner of preprocessing: bytes -> picture -> uint8 array. The trainer imports it too."""

from service.imaging.picture import Limits, Picture
from service.imaging.preprocess import PreprocessSpec, is_blank, preprocess, visible_region
from service.imaging.raster import decode

__all__ = ["Limits", "Picture", "PreprocessSpec", "decode", "is_blank", "preprocess", "visible_region"]
