"""The elements of a data set that are read. No other is: what names a patient stays in the file."""

from functools import cache

from pydicom.datadict import dictionary_description, tag_for_keyword
from pydicom.tag import BaseTag, Tag

_KIND = ("SOPClassUID", "Modality", "ImageType", "BodyPartExamined", "AnatomicRegionSequence", "BurnedInAnnotation")
_IMAGE_PIXEL = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PixelSpacing",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)
_GREY = (
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "VOILUTSequence",
)
COLOURS = ("Red", "Green", "Blue")
_PALETTE = tuple(
    keyword
    for colour in COLOURS
    for keyword in (
        f"{colour}PaletteColorLookupTableDescriptor",
        f"{colour}PaletteColorLookupTableData",
        f"Segmented{colour}PaletteColorLookupTableData",
    )
)
_FRAMES = (
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
)
PIXEL_DATA = ("FloatPixelData", "DoubleFloatPixelData", "PixelData")


@cache
def tag_of(keyword: str) -> BaseTag:
    """Return the tag of a keyword of the data dictionary (PS3.6)."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise ValueError(f"{keyword} is not in the data dictionary")
    return Tag(tag)


def label(keyword: str) -> str:
    """Return how a problem names an element: `(0028,0010) Rows`."""
    tag = tag_of(keyword)
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X}) {dictionary_description(tag)}"


NEEDED = tuple(int(tag_of(keyword)) for keyword in (*_KIND, *_IMAGE_PIXEL, *_GREY, *_PALETTE, *_FRAMES))
PIXEL_TAGS = {int(tag_of(keyword)): keyword for keyword in PIXEL_DATA}
