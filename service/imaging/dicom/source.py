"""A DICOM object as a source of pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.errors import UnreadableImage
from service.imaging.damage import unreadable_when_damaged
from service.imaging.dicom.colour import read_palette, to_8bit_palette, to_8bit_rgb
from service.imaging.dicom.description import GREY, PALETTE, PixelDescription, read_description
from service.imaging.dicom.facts import read_facts, read_spacing
from service.imaging.dicom.file import DicomFile, PixelElement, read_file
from service.imaging.dicom.frames import check_frames, read_frame
from service.imaging.dicom.functional_groups import FunctionalGroups, read_functional_groups
from service.imaging.dicom.grey import read_grey_scale, to_8bit_grey
from service.imaging.dicom.tags import label
from service.imaging.dicom.transfer_syntax import check_transfer_syntax, describe, describe_sop_class
from service.imaging.picture import DicomFacts, Limits, Picture
from service.imaging.source import check_frame

FORMAT = "DICOM"


@dataclass(frozen=True)
class DicomSource:
    """The header of an object, checked; its frames are decoded one at a time."""

    file: DicomFile
    element: PixelElement
    pixels: PixelDescription
    groups: FunctionalGroups

    @property
    def frames(self) -> int:
        """The number of frames, which the pixel data can hold."""
        return self.pixels.frames

    def facts(self, frame: int = 0) -> DicomFacts:
        """Return what the header says of a frame; no pixel is decoded."""
        check_frame(frame, self.frames)
        with unreadable_when_damaged("DICOM header"):
            return read_facts(self.file, self.groups, frame)

    def picture(self, frame: int = 0, target: int | None = None) -> Picture:
        """Decode one frame as it is meant to be shown; `target` is not used."""
        check_frame(frame, self.frames)
        with unreadable_when_damaged(self._subject):
            return Picture(
                image=Image.fromarray(self._shown(frame)),
                format=FORMAT,
                width=self.pixels.columns,
                height=self.pixels.rows,
                frames=self.frames,
                frame=frame,
                spacing_mm=read_spacing(self.file.header, self.groups, frame),
                dicom=read_facts(self.file, self.groups, frame),
            )

    @property
    def _subject(self) -> str:
        return f"{label(self.element.keyword)} in the transfer syntax {describe(self.file.syntax)}"

    def stored(self, frame: int = 0) -> NDArray[np.generic]:
        """Return the stored values of a frame, `[rows, columns]` or `[rows, columns, 3]`, for comparisons."""
        check_frame(frame, self.frames)
        with unreadable_when_damaged(self._subject):
            return self._stored(frame)[0]

    def _shown(self, frame: int) -> NDArray[np.uint8]:
        """Return uint8 `[rows, columns]` or `[rows, columns, 3]`."""
        header, pixels = self.file.header, self.pixels
        if pixels.photometric in GREY:
            scale = read_grey_scale(header, self.groups, frame, pixels)
            return to_8bit_grey(self._stored(frame)[0], scale, pixels)
        if pixels.photometric == PALETTE:
            palette = read_palette(header, pixels.signed)
            return to_8bit_palette(self._stored(frame)[0], palette)
        stored, is_rgb = self._stored(frame)
        return to_8bit_rgb(stored, pixels, is_rgb)

    def _stored(self, frame: int) -> tuple[NDArray[np.generic], bool]:
        return read_frame(self.file, self.element, self.pixels, frame)


def open_dicom(data: bytes, limits: Limits) -> DicomSource:
    """Read and check the header; no pixel is decoded.

    Raises UnsupportedFormat naming the transfer syntax or photometric interpretation that is not read, UnreadableImage
    naming the element that is missing or wrong, TooManyPixels beyond the limits.
    """
    with unreadable_when_damaged("DICOM header"):
        file = read_file(data, limits)
        element = _pixel_element(file)
        check_transfer_syntax(file.syntax)
        pixels = read_description(file.header, element.keyword, limits)
        check_frames(file, element, pixels)
        return DicomSource(file, element, pixels, read_functional_groups(file.header))


def _pixel_element(file: DicomFile) -> PixelElement:
    if file.pixels is None:
        raise UnreadableImage(
            f"{label('PixelData')} is missing: {describe_sop_class(file.sop_class)} holds no image that can be shown. "
            "Send an image of the study."
        )
    return file.pixels
