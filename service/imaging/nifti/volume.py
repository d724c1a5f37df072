"""The voxels of a NIfTI file as a volume with axes to right, anterior and superior."""

from itertools import count
from math import prod
from typing import Any

import numpy as np
from nibabel.orientations import apply_orientation
from numpy.typing import NDArray

from service.errors import UnreadableImage
from service.imaging.eight_bit import band_rows, scaled
from service.imaging.nifti.header import VolumeHeader

_DARKEST, _BRIGHTEST = 1.0, 99.0
_MOST_SAMPLES = 1 << 21


def read_voxels(data: bytes, header: VolumeHeader) -> NDArray[Any]:
    """Return the stored values `[right, anterior, superior]`, a view of `data`; raises UnreadableImage where short."""
    if len(data) < header.end:
        raise UnreadableImage(
            f"The NIfTI file holds {len(data)} bytes, but its header announces {header.end}: it is truncated. "
            "Send it again."
        )
    voxels = int(np.prod(header.shape))
    stored = np.frombuffer(data, header.dtype, voxels, header.offset).reshape(header.shape, order="F")
    turned: NDArray[Any] = apply_orientation(stored, header.turns)
    return turned


def turned_spacing(header: VolumeHeader) -> tuple[float, float] | None:
    """Return the distance of rows and of columns of an axial slice in mm, None where the header states none."""
    by_axis = {int(turn[0]): edge for turn, edge in zip(header.turns, header.spacing_mm, strict=True)}
    rows, columns = by_axis[1], by_axis[0]
    return (rows, columns) if 0 < rows < float("inf") and 0 < columns < float("inf") else None


def axial_slice(voxels: NDArray[Any], index: int) -> NDArray[Any]:
    """Return stored values `[rows, columns]`: anterior on top, the patient's right on the left of the picture."""
    return voxels[::-1, ::-1, index].T


def in_units(stored: NDArray[Any], header: VolumeHeader) -> NDArray[np.float64]:
    """Return slope x stored value + intercept."""
    with np.errstate(over="ignore", invalid="ignore"):
        return stored.astype(np.float64) * header.slope + header.intercept


def grey_range(voxels: NDArray[Any], header: VolumeHeader) -> tuple[float, float]:
    """Return what becomes black and white: the 1st percentile, and the 99th of what lies above the least value.

    The least value is the background, which fills most of a volume cut out along the brain. Voxels that are not finite
    do not count, and of a large volume every n-th along each axis is looked at, with the least n that leaves at most
    2 million (2^21). Minimum and maximum stand in where the two percentiles are equal.
    """
    step = _sampling_step(voxels.shape)
    sample = in_units(voxels[::step, ::step, ::step], header)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return 0.0, 0.0
    least, most = float(sample.min()), float(sample.max())
    if most <= least:
        return least, most
    low, high = float(np.percentile(sample, _DARKEST)), float(np.percentile(sample[sample > least], _BRIGHTEST))
    return (low, high) if high > low else (least, most)


def to_8bit_slice(stored: NDArray[Any], header: VolumeHeader, grey: tuple[float, float]) -> NDArray[np.uint8]:
    """Return uint8 of the same shape; what is not a number is black, infinity white."""
    result = np.empty(stored.shape, np.uint8)
    rows = band_rows(stored.shape[1])
    for top in range(0, stored.shape[0], rows):
        result[top : top + rows] = scaled(in_units(stored[top : top + rows], header), *grey)
    return result


def _sampling_step(shape: tuple[int, ...]) -> int:
    """Return the least step along each axis that leaves few enough voxels; a flat volume takes a larger one."""
    return next(step for step in count(1) if prod(-(-edge // step) for edge in shape) <= _MOST_SAMPLES)
