"""NIfTI files, made with nibabel."""

import gzip
from typing import Any

import nibabel as nib
import numpy as np

RAS = np.diag([2.0, 3.0, 4.0, 1.0])


def nifti(voxels: np.ndarray, affine: np.ndarray | None = RAS, version: int = 1, **fields: Any) -> bytes:
    """Return a .nii file; `fields` of the header are set last, byte by byte as they are."""
    kind = nib.Nifti1Image if version == 1 else nib.Nifti2Image
    whole = kind(voxels, affine, dtype=voxels.dtype).to_bytes()
    header_type = nib.Nifti1Header if version == 1 else nib.Nifti2Header
    size = 348 if version == 1 else 540
    header = header_type(whole[:size], check=False)
    for field, value in fields.items():
        header[field] = value
    return header.binaryblock + whole[size:]


def big_endian(voxels: np.ndarray) -> bytes:
    """Return the same in the other byte order."""
    header = nib.Nifti1Header(endianness=">")
    header.set_data_dtype(voxels.dtype.newbyteorder(">"))
    header.set_data_shape(voxels.shape)
    header.set_sform(RAS, code=1)
    header["vox_offset"], header["magic"] = 352, b"n+1"
    values = voxels.astype(voxels.dtype.newbyteorder(">")).tobytes(order="F")
    return header.binaryblock + bytes(4) + values


def zipped(data: bytes) -> bytes:
    return gzip.compress(data, 6)


def counting(shape: tuple[int, ...] = (4, 5, 6), dtype: str = "i2") -> np.ndarray:
    """Return voxels no two of which are equal."""
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)
