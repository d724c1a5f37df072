"""The one owner of preprocessing: bytes -> picture -> uint8 array. The trainer imports it too."""

from service.imaging.brain_crop import brain_region
from service.imaging.decoding import decode, open_image
from service.imaging.picture import DicomFacts, Limits, Picture
from service.imaging.preprocess import PreprocessSpec, is_blank, preprocess, visible_region
from service.imaging.quality import Quality, measure
from service.imaging.region import WHOLE, Region
from service.imaging.source import ImageSource

__all__ = [
    "WHOLE",
    "DicomFacts",
    "ImageSource",
    "Limits",
    "Picture",
    "PreprocessSpec",
    "Quality",
    "Region",
    "brain_region",
    "decode",
    "is_blank",
    "measure",
    "open_image",
    "preprocess",
    "visible_region",
]
