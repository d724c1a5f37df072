"""Compressed frames: what a lossless encoder wrote comes back to the bit, what a lossy one wrote nearly."""

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom import uid
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import UID

from service.errors import UnreadableImage, UnsupportedFormat
from service.imaging import decode
from tests.service.imaging.dicom.objects import (
    LOSSLESS,
    compressed,
    dicom,
    jpeg_2000,
    jpeg_ls,
    ramp,
    shown,
)
from tests.service.imaging.files import encode as raster

FLOWERS = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)
EVERY_LOSSLESS = pytest.mark.parametrize("name", LOSSLESS)


def seen(data: bytes, frame: int = 0) -> np.ndarray:
    return np.asarray(decode(data, frame=frame).image)


@EVERY_LOSSLESS
@pytest.mark.parametrize(
    ("dtype", "low", "high", "bits"),
    [
        ("u1", 0, 255, 8),
        ("u2", 0, 4095, 12),
        ("u2", 0, 65_535, 16),
        ("i2", -2048, 2047, 12),
        ("i2", -30_000, 30_000, 16),
    ],
)
def test_grey_values_come_back_to_the_bit(name: str, dtype: str, low: int, high: int, bits: int) -> None:
    syntax, encoder = LOSSLESS[name]
    values = ramp(24, 32, dtype, low, high)

    data = compressed([values], syntax, encoder, BitsStored=bits, HighBit=bits - 1)

    np.testing.assert_array_equal(seen(data), values if bits == 8 else shown(values))


@EVERY_LOSSLESS
def test_colours_come_back_to_the_bit(name: str) -> None:
    syntax, encoder = LOSSLESS[name]

    np.testing.assert_array_equal(seen(compressed([FLOWERS], syntax, encoder)), FLOWERS)


@pytest.mark.parametrize("dtype", ["u4", "i4"])
def test_rle_of_32_bits(dtype: str) -> None:
    values = ramp(dtype=dtype, low=-70_000 if dtype == "i4" else 0, high=90_000)

    np.testing.assert_array_equal(seen(compressed([values], uid.RLELossless, rle_by_hand)), shown(values))


def rle_by_hand(frame: np.ndarray) -> bytes:
    """PS3.5 annex G: the bytes of all values, the most significant ones first, each as a PackBits segment."""
    planes = np.moveaxis(frame.astype(frame.dtype.newbyteorder(">"))[..., None].view(np.uint8), -1, 0)
    segments = [imagecodecs.packbits_encode(plane.tobytes()) for plane in planes]
    offsets = 64 + np.cumsum([0, *(len(segment) for segment in segments[:-1])])
    header = np.zeros(16, "<u4")
    header[0], header[1 : len(segments) + 1] = len(segments), offsets
    return header.tobytes() + b"".join(segments)


@pytest.mark.parametrize("syntax", [uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K], ids=lambda uid: uid.keyword)
def test_high_throughput_jpeg_2000(syntax: UID) -> None:
    values = ramp(64, 64)

    data = compressed([values], syntax, lambda frame: imagecodecs.htj2k_encode(frame, reversible=True))

    np.testing.assert_array_equal(seen(data), shown(values))


def test_colours_of_fewer_bits_than_the_header_says_are_shown_at_their_own_depth() -> None:
    data = compressed([FLOWERS], uid.JPEGLSLossless, jpeg_ls, BitsAllocated=16, BitsStored=16, HighBit=15)

    np.testing.assert_array_equal(seen(data), FLOWERS)


def test_more_bits_than_the_header_allocates_are_refused() -> None:
    data = compressed([ramp(24, 32)], uid.JPEGLSLossless, jpeg_ls, BitsAllocated=8, BitsStored=8, HighBit=7)

    with pytest.raises(UnreadableImage, match=r"\(7FE0,0010\).* holds 16 bits a sample, the header allocates 8"):
        decode(data)


@pytest.mark.parametrize("wrapped", ["jp2", "j2k"])
def test_jpeg_2000_with_and_without_the_boxes_of_its_file_format(wrapped: str) -> None:
    values = ramp(24, 32)

    def encode(frame: np.ndarray) -> bytes:
        return imagecodecs.jpeg2k_encode(frame, level=0, reversible=True, codecformat=wrapped)

    np.testing.assert_array_equal(seen(compressed([values], uid.JPEG2000Lossless, encode)), shown(values))


def test_signed_values_in_an_unsigned_jpeg_2000() -> None:
    values = ramp(24, 32, "i2", -2048, 2047)

    def encode(frame: np.ndarray) -> bytes:
        stored = frame.view(np.uint16) & 0x0FFF
        return imagecodecs.jpeg2k_encode(stored, level=0, reversible=True, codecformat="j2k", bitspersample=12)

    data = compressed([values], uid.JPEG2000Lossless, encode, BitsStored=12, HighBit=11)

    np.testing.assert_array_equal(seen(data), shown(values))


def smooth(high: int, dtype: str) -> np.ndarray:
    """Return what lossy codecs are made for."""
    y, x = np.mgrid[:64, :64]
    return ((np.sin(x / 9) + np.cos(y / 7) + 2) / 4 * high).astype(dtype)


@pytest.mark.parametrize(
    ("syntax", "bits", "encode"),
    [
        (uid.JPEGBaseline8Bit, 8, lambda frame: imagecodecs.jpeg8_encode(frame, level=95)),
        (uid.JPEGExtended12Bit, 8, lambda frame: imagecodecs.jpeg8_encode(frame, level=95)),
        (uid.JPEGExtended12Bit, 12, lambda frame: imagecodecs.jpeg8_encode(frame, level=95, bitspersample=12)),
        (uid.JPEGLSNearLossless, 16, lambda frame: imagecodecs.jpegls_encode(frame, level=3)),
        (uid.JPEG2000, 16, lambda frame: imagecodecs.jpeg2k_encode(frame, level=90, codecformat="j2k")),
    ],
    ids=["baseline", "extended, 8 bits", "extended, 12 bits", "near-lossless", "JPEG 2000"],
)
def test_lossy_values_come_back_nearly(syntax: UID, bits: int, encode) -> None:  # type: ignore[no-untyped-def]
    values = smooth((1 << min(bits, 12)) - 1, "u1" if bits == 8 else "u2")

    data = compressed([values], syntax, encode, BitsStored=bits, HighBit=bits - 1)

    expected = values if bits == 8 else shown(values)
    np.testing.assert_allclose(seen(data).astype(int), expected, atol=4)


@pytest.mark.parametrize(
    ("photometric", "stored", "marked"),
    [("YBR_FULL_422", "YCBCR", True), ("YBR_FULL", "YCBCR", False), ("RGB", "RGB", False), ("RGB", "YCBCR", True)],
    ids=["YCbCr", "YCbCr without a marker", "RGB without a marker", "YCbCr that is called RGB"],
)
def test_the_colours_of_a_jpeg_are_those_of_its_markers_or_else_of_the_header(
    photometric: str, stored: str, marked: bool
) -> None:
    flat = np.zeros((16, 16, 3), np.uint8)
    flat[:, :8], flat[:, 8:] = (200, 40, 90), (30, 160, 220)

    def encode(frame: np.ndarray) -> bytes:
        file = imagecodecs.jpeg8_encode(frame, level=100, colorspace="RGB", outcolorspace=stored, subsampling="444")
        return file if marked else without_markers(file)

    data = compressed([flat], uid.JPEGBaseline8Bit, encode, PhotometricInterpretation=photometric)

    np.testing.assert_allclose(seen(data).astype(int), flat, atol=4)


def without_markers(file: bytes) -> bytes:
    """Return a JPEG without its application segments, its components numbered 1, 2, 3."""
    result, place = file[:2], 2
    while file[place + 1] != 0xDA:
        length = 2 + int.from_bytes(file[place + 2 : place + 4])
        segment = bytearray(file[place : place + length])
        if segment[1] == 0xC0:
            segment[10:19:3] = b"\1\2\3"
        result += b"" if 0xE0 <= segment[1] <= 0xEF else bytes(segment)
        place += length
    scan = bytearray(file[place:])
    scan[5:10:2] = b"\1\2\3"
    return result + bytes(scan)


@EVERY_LOSSLESS
@pytest.mark.parametrize("has_bot", [True, False], ids=["offset table", "no offset table"])
def test_only_the_wanted_frame_is_decoded(name: str, has_bot: bool) -> None:
    syntax, encoder = LOSSLESS[name]
    frames = [ramp(dtype="u1", low=low, high=low + 100) for low in (0, 50, 150)]
    broken = [*(encoder(frame) for frame in frames[:2]), b"no codestream at all"]
    data = dicom(np.stack(frames), syntax, frames=3, data=encapsulate(broken, has_bot=has_bot))

    for frame in range(2):
        np.testing.assert_array_equal(seen(data, frame), frames[frame])
    with pytest.raises(UnreadableImage):
        decode(data, frame=2)


def test_frames_found_by_an_extended_offset_table() -> None:
    frames = [ramp(dtype="u1", low=low, high=low + 100) for low in (0, 50, 150)]
    data, offsets, lengths = encapsulate_extended([jpeg_ls(frame) for frame in frames])

    file = dicom(
        np.stack(frames),
        uid.JPEGLSLossless,
        frames=3,
        data=data,
        ExtendedOffsetTable=offsets,
        ExtendedOffsetTableLengths=lengths,
    )

    for frame in range(3):
        np.testing.assert_array_equal(seen(file, frame), frames[frame])


def test_a_frame_in_several_fragments() -> None:
    values = ramp(48, 64)
    data = encapsulate([jpeg_2000(values)], fragments_per_frame=3)

    np.testing.assert_array_equal(seen(dicom(values, uid.JPEG2000Lossless, data=data)), shown(values))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7])
@EVERY_LOSSLESS
def test_a_truncated_frame_is_unreadable(name: str, share: float) -> None:
    syntax, encoder = LOSSLESS[name]
    noise = np.random.default_rng(0).integers(0, 4096, (48, 64), dtype=np.uint16)

    def cut(frame: np.ndarray) -> bytes:
        whole = encoder(frame)
        return whole[: int(share * len(whole))]

    try:
        picture = decode(compressed([noise], syntax, cut))
    except UnreadableImage as problem:
        assert "(7FE0,0010)" in problem.detail
    else:  # libjpeg fills up what is missing, as viewers show it
        assert "process 14" in name and picture.image.size == (64, 48)


@pytest.mark.parametrize("syntax", [uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLosslessSV1])
def test_a_progressive_jpeg_is_not_what_the_transfer_syntax_says(syntax: UID) -> None:
    def encode(frame: np.ndarray) -> bytes:
        return raster(Image.fromarray(frame), "JPEG", progressive=True)

    with pytest.raises(UnreadableImage, match=r"\(7FE0,0010\).*start of frame C2"):
        decode(compressed([ramp(dtype="u1", high=255)], syntax, encode))


@pytest.mark.parametrize(
    "syntax",
    [
        "1.2.840.10008.1.2.4.53",
        "1.2.840.10008.1.2.4.55",
        uid.MPEG2MPML,
        uid.JPEG2000MC,
        "1.2.840.113619.5.2",
        "1.2.3.4",
    ],
)
def test_other_transfer_syntaxes_are_named(syntax: str) -> None:
    values = ramp(dtype="u1", high=255)

    with pytest.raises(UnsupportedFormat, match=f"(?s){syntax}.* is not read.*1.2.840.10008.1.2.1"):
        decode(dicom(values, UID(syntax), data=encapsulate([jpeg_2000(values)])))
