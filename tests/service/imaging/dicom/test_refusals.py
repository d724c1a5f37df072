"""What is refused, with which problem: its text names the element or the transfer syntax, and what to do."""

import re
from typing import Any

import numpy as np
import pytest
from pydicom import uid
from pydicom.encaps import encapsulate

from service.errors import InvalidRequest, TooManyPixels, UnreadableImage, UnsupportedFormat
from service.imaging import Limits, decode
from tests.service.imaging.dicom.objects import dataset, dicom, jpeg_ls, ramp, rle, written

VALUES = ramp()
MISSING = {
    "Rows": "(0028,0010) Rows is missing",
    "Columns": "(0028,0011) Columns is missing",
    "SamplesPerPixel": "(0028,0002) Samples per Pixel is missing",
    "PhotometricInterpretation": "(0028,0004) Photometric Interpretation is missing",
    "BitsAllocated": "(0028,0100) Bits Allocated is missing",
    "BitsStored": "(0028,0101) Bits Stored is missing",
    "PixelRepresentation": "(0028,0103) Pixel Representation is missing",
}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"Rows": 0}, "(0028,0010) Rows is 0"),
    ({"Columns": 0}, "(0028,0011) Columns is 0"),
    ({"SamplesPerPixel": 3}, "(0028,0002) Samples per Pixel is 3, which contradicts MONOCHROME2"),
    ({"SamplesPerPixel": 4}, "(0028,0002) Samples per Pixel is 4"),
    ({"BitsAllocated": 12}, "(0028,0100) Bits Allocated is 12"),
    ({"BitsAllocated": 24}, "(0028,0100) Bits Allocated is 24"),
    ({"BitsAllocated": 128}, "(0028,0100) Bits Allocated is 128"),
    ({"BitsStored": 17}, "(0028,0101) Bits Stored is 17"),
    ({"PixelRepresentation": 2}, "(0028,0103) Pixel Representation is 2"),
    ({"NumberOfFrames": -1}, "(0028,0008) Number of Frames is -1"),
    ({"NumberOfFrames": 2}, "(0028,0008) Number of Frames take 768"),
    ({"Rows": 13}, "(7FE0,0010) Pixel Data holds 384 bytes"),
    ({"Rows": [1, 2], "Columns": 500}, "(7FE0,0010) Pixel Data holds 384 bytes"),
]


@pytest.mark.parametrize("keyword", MISSING)
def test_a_missing_element_is_named(keyword: str) -> None:
    with pytest.raises(UnreadableImage, match=re.escape(MISSING[keyword])):
        decode(dicom(VALUES, **{keyword: None}))


@pytest.mark.parametrize(("elements", "text"), WRONG, ids=[text for _, text in WRONG])
def test_a_wrong_element_is_named(elements: dict[str, Any], text: str) -> None:
    with pytest.raises(UnreadableImage, match=re.escape(text)):
        decode(dicom(VALUES, **elements))


@pytest.mark.parametrize("frames", [None, "", 0, 1])
def test_an_absent_or_empty_number_of_frames_is_one(frames: object) -> None:
    assert decode(dicom(VALUES, NumberOfFrames=frames)).frames == 1


def test_a_number_of_frames_that_is_none_is_named() -> None:
    whole = dicom(VALUES, NumberOfFrames=1)
    broken = whole.replace(b"\x28\x00\x08\x00IS\x02\x001 ", b"\x28\x00\x08\x00IS\x02\x001A")

    with pytest.raises(UnreadableImage, match=r"\(0028,0008\) Number of Frames is not an integer"):
        decode(broken)


@pytest.mark.parametrize("photometric", ["HSV", "ARGB", "CMYK", "YBR_PARTIAL_420", "XYB"])
def test_other_colours_are_unsupported(photometric: str) -> None:
    with pytest.raises(UnsupportedFormat, match=rf"\(0028,0004\).* {photometric} is not read"):
        decode(dicom(VALUES, PhotometricInterpretation=photometric))


@pytest.mark.parametrize("sop_class", [uid.RTPlanStorage, uid.BasicTextSRStorage, uid.MediaStorageDirectoryStorage])
def test_an_object_without_pixels_is_named(sop_class: uid.UID) -> None:
    data = written(dataset(VALUES, SOPClassUID=sop_class))

    with pytest.raises(
        UnreadableImage, match=re.escape(f"(7FE0,0010) Pixel Data is missing: this object ({sop_class.name})")
    ):
        decode(data)


def test_empty_pixels_are_named() -> None:
    with pytest.raises(UnreadableImage, match=r"\(7FE0,0010\) Pixel Data is empty"):
        decode(dicom(VALUES, data=b""))


@pytest.mark.parametrize("cut", [1, 100, 383])
def test_truncated_pixels_are_named(cut: int) -> None:
    with pytest.raises(
        UnreadableImage, match=rf"\(7FE0,0010\) Pixel Data holds {384 - cut} bytes.* take 384: it is truncated"
    ):
        decode(dicom(VALUES)[:-cut])


def test_pixels_that_are_not_subsampled_though_the_header_says_so_are_named() -> None:
    colours = np.zeros((4, 4, 3), np.uint8)

    with pytest.raises(UnreadableImage, match=r"\(0028,0004\).*not subsampled"):
        decode(dicom(colours, PhotometricInterpretation="YBR_FULL_422"))


def test_compressed_pixels_without_a_transfer_syntax_are_named() -> None:
    whole = dicom(VALUES, uid.JPEGLSLossless, data=encapsulate([jpeg_ls(VALUES)]))
    meta_length = int.from_bytes(whole[140:144], "little")

    with pytest.raises(UnreadableImage, match=r"\(0002,0010\) Transfer Syntax UID is missing"):
        decode(whole[144 + meta_length :])


def test_compressed_pixels_under_a_native_transfer_syntax_are_named() -> None:
    whole = dicom(VALUES, uid.JPEGLSLossless, data=encapsulate([jpeg_ls(VALUES)]))
    native = whole.replace(b"1.2.840.10008.1.2.4.80", b"1.2.840.10008.1.2.1\0\0\0")

    with pytest.raises(UnreadableImage, match=r"\(7FE0,0010\) Pixel Data is encapsulated"):
        decode(native)


@pytest.mark.parametrize("text", [b"DOE^JANE", b"1.2.840.10008.1.2.1; DOE"])
def test_what_is_no_uid_is_not_repeated(text: bytes) -> None:
    whole = dicom(VALUES, uid.UID("1.2.840.113619.5.2.9999.9"), data=encapsulate([jpeg_ls(VALUES)]))
    broken = whole.replace(b"1.2.840.113619.5.2.9999.9\0", text.ljust(26, b"\0"))

    with pytest.raises(UnsupportedFormat, match=r"\(0002,0010\)") as raised:
        decode(broken)
    assert "DOE" not in raised.value.detail


def test_the_size_in_the_header_decides_before_anything_is_decoded() -> None:
    with pytest.raises(TooManyPixels, match=r"\(0028,0010\).*\(0028,0011\).* 16 x 12 pixels; at most 191"):
        decode(dicom(VALUES), Limits(max_pixels=191))
    assert decode(dicom(VALUES), Limits(max_pixels=192)).width == 16


def test_deep_colours_count_by_their_bytes() -> None:
    deep = np.zeros((10, 10, 3), np.uint16)

    with pytest.raises(TooManyPixels, match="3 x 16 bits is 600 bytes; at most 400"):
        decode(dicom(deep), Limits(max_pixels=100))


@pytest.mark.parametrize("frames", [2, 1_000_000, 2_000_000_000])
@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.RLELossless])
def test_more_frames_than_the_pixels_can_hold_are_refused(syntax: uid.UID, frames: int) -> None:
    data = encapsulate([rle(VALUES)]) if syntax.is_encapsulated else None

    with pytest.raises(UnreadableImage, match=r"\(0028,0008\) Number of Frames"):
        decode(dicom(VALUES, syntax, data=data, NumberOfFrames=frames))


@pytest.mark.parametrize("frame", [-1, 2, 1_000_000_000])
def test_a_frame_that_is_not_there(frame: int) -> None:
    data = dicom(np.stack([VALUES, VALUES]), frames=2)

    with pytest.raises(InvalidRequest, match=rf"no frame {frame}: the file holds 2 frames, numbers 0 to 1"):
        decode(data, frame=frame)
