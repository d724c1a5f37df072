"""A decoded image with the facts of its header."""

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class Limits:
    """Bounds checked on the header, before any pixel is decoded.

    `max_pixels` counts columns x rows of one frame.
    """

    max_pixels: int = 64_000_000

    @property
    def max_decoded_bytes(self) -> int:
        """What a file may hold once it is inflated, and a frame once it is decoded: four bytes for each pixel."""
        return 4 * self.max_pixels


@dataclass(frozen=True)
class DicomFacts:
    """What a DICOM header says of the kind of an image; nothing in it is about a patient.

    Empty text stands for an absent element. `image_type` is the frame's own type where the object states one.
    `body_part` is a defined term such as `HEAD`; `anatomic_region` a code such as `SCT:69536005`.
    """

    sop_class: str
    transfer_syntax: str
    modality: str
    image_type: tuple[str, ...]
    body_part: str
    anatomic_region: str
    burned_in_annotation: str


@dataclass(frozen=True)
class Picture:
    """One decoded frame.

    `image` is 8-bit, mode `L` or `RGB`, upright. It may be smaller than `width` x `height`, the upright size the
    header announces, when the decoder was allowed to scale down. `frames` counts the frames of the file, of the pages
    of a TIFF at most 1000; `frame` is the index of this one. `spacing_mm` is the distance between rows and between
    columns where the header states it. `dicom` is None for other formats.
    """

    image: Image.Image
    format: str
    width: int
    height: int
    frames: int
    frame: int = 0
    spacing_mm: tuple[float, float] | None = None
    dicom: DicomFacts | None = None
