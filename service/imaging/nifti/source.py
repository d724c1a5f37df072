"""A NIfTI volume as a source of axial slices."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PIL import Image

from service.imaging.damage import unreadable_when_damaged
from service.imaging.inflating import gunzip, gzip_head
from service.imaging.nifti.header import VolumeHeader, read_volume_header
from service.imaging.nifti.volume import (
    axial_slice,
    grey_range,
    read_voxels,
    to_8bit_slice,
    turned_spacing,
)
from service.imaging.picture import Limits, Picture
from service.imaging.signatures import NIFTI_HEADER_BYTES, is_gzip
from service.imaging.source import check_frame

FORMAT = "NIFTI"


@dataclass(frozen=True)
class NiftiSource:
    """A volume in memory, `voxels` with axes to right, anterior and superior; `grey` is black and white."""

    header: VolumeHeader
    voxels: NDArray[Any]
    grey: tuple[float, float]

    @property
    def frames(self) -> int:
        """The number of axial slices."""
        return int(self.voxels.shape[2])

    def facts(self, frame: int = 0) -> None:
        """Return None: the header says nothing of the kind of an image."""

    def picture(self, frame: int = 0, target: int | None = None) -> Picture:
        """Return the axial slice `frame`, counted from inferior to superior, in radiological convention.

        `target` is not used.
        """
        check_frame(frame, self.frames)
        with unreadable_when_damaged("NIfTI data"):
            image = Image.fromarray(to_8bit_slice(axial_slice(self.voxels, frame), self.header, self.grey))
        return Picture(
            image=image,
            format=FORMAT,
            width=image.width,
            height=image.height,
            frames=self.frames,
            frame=frame,
            spacing_mm=turned_spacing(self.header),
        )


def open_nifti(data: bytes, limits: Limits) -> NiftiSource:
    """Read a volume, perhaps in gzip; no more is inflated than the header announces and the limits allow.

    Raises UnsupportedFormat for series, CIFTI and other files that are no volume of grey values, UnreadableImage for
    what is truncated or corrupt, TooManyPixels beyond the limits.
    """
    with unreadable_when_damaged("NIfTI file"):
        zipped = is_gzip(data)
        header = read_volume_header(
            gzip_head(data, NIFTI_HEADER_BYTES) if zipped else data[:NIFTI_HEADER_BYTES], limits
        )
        voxels = read_voxels(gunzip(data, header.end) if zipped else data, header)
        return NiftiSource(header, voxels, grey_range(voxels, header))
