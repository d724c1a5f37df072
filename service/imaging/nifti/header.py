"""The header of a NIfTI-1 or NIfTI-2 file: what is a volume that can be cut into axial slices, and what is not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform
from numpy.typing import NDArray

from service.errors import TooManyPixels, UnreadableImage, UnsupportedFormat
from service.imaging.picture import Limits

_NIFTI1_BYTES, _NIFTI2_BYTES = 348, 540
_SINGLE_FILE = (b"n+1", b"n+2")
_PAIR = (b"ni1", b"ni2")
_CIFTI_INTENTS = range(3000, 3100)
_LARGEST_SAMPLE_BYTES = 8
_CANONICAL = axcodes2ornt(("R", "A", "S"))


@dataclass(frozen=True)
class VolumeHeader:
    """Where the voxels lie in a file and in the body.

    `shape` is that of the file. `turns` brings its axes to right, anterior, superior (nibabel's orientation transform).
    `spacing_mm` are the voxel edges along the axes of the file.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    offset: int
    slope: float
    intercept: float
    turns: NDArray[np.float64]
    spacing_mm: tuple[float, float, float]

    @property
    def end(self) -> int:
        """The byte after the last voxel."""
        return self.offset + int(np.prod(self.shape)) * self.dtype.itemsize


def read_volume_header(head: bytes, limits: Limits) -> VolumeHeader:
    """Read and check a header, of which `head` holds 540 bytes or all there is.

    Raises UnsupportedFormat for what is no single volume of grey values, UnreadableImage for a header that contradicts
    itself, TooManyPixels beyond the limits; nibabel raises its own errors on damaged headers.
    """
    header = _parsed(head)
    shape = _shape(header)
    dtype = _sample_type(header)
    offset = int(header["vox_offset"])
    if offset < len(header.binaryblock):
        raise UnreadableImage(f"The NIfTI field vox_offset is {offset}, inside the header. Save the volume again.")
    slope, intercept = header.get_slope_inter()
    volume = VolumeHeader(
        shape=shape,
        dtype=dtype,
        offset=offset,
        slope=1.0 if slope is None else float(slope),
        intercept=0.0 if intercept is None else float(intercept),
        turns=_turns(header),
        spacing_mm=_spacing(header),
    )
    _check_size(volume, limits)
    return volume


def _parsed(head: bytes) -> Nifti1Header:
    """Return the header; raises UnsupportedFormat for what has the size of one, but is another format."""
    nifti2 = head[4:7] in (b"n+2", b"ni2")
    magic = head[4:7] if nifti2 else head[344:347]
    if magic in _PAIR:
        raise UnsupportedFormat(
            "This is the header of a NIfTI pair, whose voxels lie in another file. Save the volume as one .nii file."
        )
    if magic not in _SINGLE_FILE:
        raise UnsupportedFormat(
            "This is an ANALYZE 7.5 header, which does not say which side is left. Save the volume as NIfTI (.nii)."
        )
    size = _NIFTI2_BYTES if nifti2 else _NIFTI1_BYTES
    return (Nifti2Header if nifti2 else Nifti1Header)(head[:size], check=False)


def _shape(header: Nifti1Header) -> tuple[int, int, int]:
    intent = int(header["intent_code"])
    if intent in _CIFTI_INTENTS:
        raise UnsupportedFormat(
            f"This is a CIFTI file (NIfTI intent code {intent}): it holds values on surfaces, no slices. "
            "Send the volume that it was made from."
        )
    shape = tuple(int(edge) for edge in header.get_data_shape())
    if any(edge > 1 for edge in shape[3:]):
        raise UnsupportedFormat(
            f"The NIfTI file has {len(shape)} dimensions ({' x '.join(map(str, shape))}): it is a series, not one "
            "volume. Send one volume of it, such as `fslroi in.nii out.nii 0 1` cuts out."
        )
    if len(shape) < 2 or any(edge < 1 for edge in shape):
        raise UnreadableImage(f"The NIfTI field dim announces {' x '.join(map(str, shape)) or 'no'} voxels.")
    columns, rows, slices = (*shape, 1)[:3]
    return columns, rows, slices


def _sample_type(header: Nifti1Header) -> np.dtype[Any]:
    dtype: np.dtype[Any] = header.get_data_dtype()
    if dtype.kind not in "iuf" or dtype.itemsize > _LARGEST_SAMPLE_BYTES:
        raise UnsupportedFormat(
            f"The NIfTI data type {int(header['datatype'])} is not read: the voxels must be integers or floating point "
            "numbers of up to 64 bits. Convert the volume."
        )
    return dtype


def _turns(header: Nifti1Header) -> NDArray[np.float64]:
    """Return what brings the axes to right, anterior, superior, as near as axes can without resampling."""
    affine = header.get_best_affine()
    orientation = io_orientation(affine) if np.isfinite(affine).all() else np.full((3, 2), np.nan)
    if np.isnan(orientation).any():
        raise UnreadableImage(
            "The NIfTI fields sform and qform do not say how the volume lies in the body. Save it with an orientation."
        )
    turns: NDArray[np.float64] = ornt_transform(orientation, _CANONICAL)
    return turns


def _spacing(header: Nifti1Header) -> tuple[float, float, float]:
    first, second, third = (*(float(edge) for edge in header["pixdim"][1:4]),)
    return first, second, third


def _check_size(volume: VolumeHeader, limits: Limits) -> None:
    if max(a * b for a, b in zip(volume.shape, (*volume.shape[1:], volume.shape[0]), strict=True)) > limits.max_pixels:
        raise TooManyPixels(
            f"The NIfTI field dim announces {' x '.join(map(str, volume.shape))} voxels; slices of at most "
            f"{limits.max_pixels} are decoded. Send a smaller volume."
        )
    if volume.end > limits.max_decoded_bytes:
        raise TooManyPixels(
            f"The NIfTI header announces {volume.end} bytes; at most {limits.max_decoded_bytes} are decoded. "
            "Send a smaller volume, or save it as 16-bit integers."
        )
