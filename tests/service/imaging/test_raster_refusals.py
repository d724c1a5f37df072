"""Files that are refused, and with which problem."""

import struct
import tracemalloc

import pytest
from PIL import EpsImagePlugin, Image, ImageFile

from service.errors import TooManyPixels, UnreadableImage, UnsupportedFormat
from service.imaging import Limits, decode
from tests.pictures import oversized_png, zero_width_png
from tests.service.imaging.files import PNG_SIGNATURE, encode, exif, noise, png_chunk, whole_files, with_size

FOREIGN = {
    "text": b"This is not an image, whatever its name says.\n",
    "html": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "pdf": b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
    "binary eps": b"\xc5\xd0\xd3\xc6" + struct.pack("<I", 32) + bytes(24) + b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "ico": encode(noise(16, 16), "ICO"),
    "portable pixmap": b"P5 2 2 255\n\0\1\2\3",
    "one byte": b"\xff",
}
BASELINE = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")


@pytest.mark.parametrize("name", FOREIGN)
def test_content_of_another_format_is_unsupported(name: str) -> None:
    with pytest.raises(UnsupportedFormat, match="Send one of JPEG, PNG"):
        decode(FOREIGN[name])


def test_a_zip_is_told_where_it_may_go() -> None:
    with pytest.raises(UnsupportedFormat, match="/predict/batch"):
        decode(b"PK\x03\x04" + bytes(40))


def test_a_fax_is_unsupported() -> None:
    with pytest.raises(UnsupportedFormat, match="greyscale"):
        decode(encode(noise().convert("1"), "TIFF", compression="group4"))


@pytest.mark.parametrize("name", ["eps", "binary eps"])
def test_postscript_never_reaches_ghostscript(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *arguments, **_: calls.append(arguments))

    with pytest.raises(UnsupportedFormat):
        decode(FOREIGN[name])

    assert not calls


def test_an_empty_file_is_unreadable() -> None:
    with pytest.raises(UnreadableImage, match="empty"):
        decode(b"")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("kind", BASELINE)
def test_a_truncated_file_is_unreadable(kind: str, share: float) -> None:
    data = encode(noise(channels=3), kind)

    with pytest.raises(UnreadableImage, match=r"truncated|corrupt"):
        decode(data[: max(int(len(data) * share), 12)])


def test_a_png_whose_header_fails_its_checksum_is_unreadable() -> None:
    data = bytearray(whole_files()["PNG"])
    data[29] ^= 0xFF

    with pytest.raises(UnreadableImage):
        decode(bytes(data))


def test_a_png_whose_pixel_data_are_corrupt_is_unreadable() -> None:
    pixels = b"this is no zlib stream"
    data = PNG_SIGNATURE + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))

    with pytest.raises(UnreadableImage, match="PNG"):
        decode(data + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b""))


def test_a_truncated_series_of_jpegs_is_reported_as_jpeg() -> None:
    data = whole_files()["MPO"]

    with pytest.raises(UnreadableImage, match="The JPEG data"):
        decode(data[: int(0.45 * len(data))])


@pytest.mark.parametrize("data", [zero_width_png(), with_size(encode(noise(), "BMP"), 0, 0)], ids=["PNG", "BMP"])
def test_a_picture_without_pixels_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        decode(data)


def test_a_huge_picture_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data, loads = oversized_png(), []
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: loads.append(self))
    tracemalloc.start()
    try:
        with pytest.raises(TooManyPixels):
            decode(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert not loads
    assert peak < 1_000_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF"])
@pytest.mark.parametrize("edge", [10_000, 30_000])
def test_the_size_in_the_header_decides(kind: str, edge: int) -> None:
    with pytest.raises(TooManyPixels, match="64000000"):
        decode(with_size(encode(noise(), kind), edge, edge))


def test_the_limit_is_inclusive() -> None:
    data = encode(Image.new("L", (4, 3)), "PNG")

    assert decode(data, Limits(max_pixels=12)).width == 4
    with pytest.raises(TooManyPixels, match="4 x 3 pixels; at most 11"):
        decode(data, Limits(max_pixels=11))


def test_the_limit_holds_whatever_the_decoder_could_scale_down_to() -> None:
    with pytest.raises(TooManyPixels):
        decode(encode(noise(200, 100), "JPEG", exif=exif(6)), Limits(max_pixels=19_999), target=8)


def test_a_file_of_nothing_but_empty_segments_is_refused() -> None:
    data = encode(noise(), "JPEG")

    with pytest.raises(UnreadableImage):
        decode(data[:2] + b"\xff\xee\x00\x02" * 60_000 + data[2:])
