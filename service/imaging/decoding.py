"""Bytes -> picture: the content decides which family of formats decodes a file."""

from service.errors import UnsupportedFormat
from service.imaging.picture import Limits, Picture
from service.imaging.raster import RasterSource
from service.imaging.signatures import is_dicom, is_nifti, is_zip
from service.imaging.source import ImageSource


def decode(data: bytes, limits: Limits | None = None, target: int | None = None, frame: int = 0) -> Picture:
    """Decode one frame of a JPEG, PNG, BMP, TIFF, WebP, GIF, DICOM or NIfTI file.

    `target` is the edge length in pixels that the caller will resize to: a JPEG is then scaled while it is decoded, to
    at least twice that edge. `frame` counts from 0: pages of a TIFF, frames of an animation or a DICOM object, axial
    slices of a NIfTI volume from inferior to superior.

    Raises UnsupportedFormat for another format or a variant that is not read, TooManyPixels before decoding when the
    header announces more than `limits` allows, UnreadableImage when the content is empty, truncated or corrupt,
    InvalidRequest when there is no such frame.
    """
    return open_image(data, limits).picture(frame, target)


def open_image(data: bytes, limits: Limits | None = None) -> ImageSource:
    """Open a file whose frames are to be decoded one by one: its header is read once. Raises as `decode` does."""
    limits = limits or Limits()
    if is_zip(data):
        raise UnsupportedFormat("This is a ZIP, no image. Unpack it, or send it to /predict/batch.")
    if is_dicom(data):
        from service.imaging.dicom.source import open_dicom

        return open_dicom(data, limits)
    if is_nifti(data):
        from service.imaging.nifti.source import open_nifti

        return open_nifti(data, limits)
    return RasterSource(data, limits)
