"""Small objects that would become large or slow: refused before memory or time is taken."""

import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import imagecodecs
import numpy as np
import pytest
from pydicom import uid
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from service.errors import ProblemError, TooManyPixels, UnreadableImage
from service.imaging import Limits, decode
from tests.service.imaging.dicom.objects import dicom, jpeg_2000, jpeg_lossless, jpeg_ls, ramp, rle
from tests.service.imaging.dicom.test_palette import CHANNELS, palette

VALUES = ramp(64, 64)
MIB = 1 << 20


@contextmanager
def modest(memory: int = 4 * MIB) -> Iterator[None]:
    """Check that what Python and NumPy allocate meanwhile stays small."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < memory


@contextmanager
def soon(seconds: float = 10) -> Iterator[None]:
    """Check that it takes little of a processor, however busy the machine is."""
    begin = time.process_time()
    yield
    assert time.process_time() - begin < seconds


def test_a_deflated_data_set_is_inflated_up_to_the_limit_only() -> None:
    values = ramp(8, 8)
    whole = dicom(values, uid.DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(whole[140:144], "little")
    plain = zlib.decompress(whole[start:], -zlib.MAX_WBITS)
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = whole[:start] + packer.compress(plain + bytes(64 * MIB)) + packer.flush()

    with modest(memory=3 * MIB), pytest.raises(TooManyPixels, match="inflates to more than 1048576 bytes"):
        decode(bomb, Limits(max_pixels=MIB // 4))
    assert decode(bomb, Limits(max_pixels=32 * MIB)).width == 8


def test_an_rle_segment_is_unpacked_up_to_the_size_of_the_frame_only() -> None:
    values = ramp(8, 8, "u1", 0, 255)
    whole = rle(values)
    bomb = whole[:64] + b"\x81\x00" * 500_000

    with modest(), pytest.raises(UnreadableImage):
        decode(dicom(values, uid.RLELossless, data=encapsulate([bomb])))


def enlarged_jpeg(marker: bytes) -> Callable[[bytes], bytes]:
    def enlarge(frame: bytes) -> bytes:
        place = frame.index(marker) + 5
        return frame[:place] + struct.pack(">HH", 65_000, 65_000) + frame[place + 4 :]

    return enlarge


def enlarged_jpeg_2000(frame: bytes) -> bytes:
    place = frame.index(b"\xff\x51") + 6
    sizes = struct.pack(">IIIIII", 60_000, 60_000, 0, 0, 60_000, 60_000)
    return frame[:place] + sizes + frame[place + 24 :]


@pytest.mark.parametrize(
    ("syntax", "encode", "enlarge"),
    [
        (uid.JPEGLosslessSV1, jpeg_lossless, enlarged_jpeg(b"\xff\xc3")),
        (uid.JPEGLSLossless, jpeg_ls, enlarged_jpeg(b"\xff\xf7")),
        (uid.JPEG2000Lossless, jpeg_2000, enlarged_jpeg_2000),
    ],
    ids=["JPEG", "JPEG-LS", "JPEG 2000"],
)
def test_a_codestream_larger_than_the_header_says_is_refused(
    syntax: UID, encode: Callable[[np.ndarray], bytes], enlarge: Callable[[bytes], bytes]
) -> None:
    data = dicom(VALUES, syntax, data=encapsulate([enlarge(encode(VALUES))]))

    with modest(), pytest.raises(UnreadableImage, match=r"\(7FE0,0010\).* announces 6\d000 x 6\d000 pixels.* 64 x 64"):
        decode(data)


def coding_style(frame: bytes) -> int:
    return frame.index(b"\xff\x52")


def with_tiny_precincts(frame: bytes) -> bytes:
    """Precincts of 1 x 1 samples at every resolution (15444-1 A.6.1)."""
    place = coding_style(frame)
    length = int.from_bytes(frame[place + 2 : place + 4])
    segment = bytearray(frame[place : place + 2 + length])
    segment[4] |= 1
    segment += bytes(segment[9] + 1)
    segment[2:4] = (length + segment[9] + 1).to_bytes(2)
    return frame[:place] + bytes(segment) + frame[place + 2 + length :]


def with_tiny_blocks(frame: bytes) -> bytes:
    """Code-blocks of 4 x 4 samples."""
    place = coding_style(frame)
    return frame[: place + 10] + b"\0\0" + frame[place + 12 :]


def with_tiny_tiles(frame: bytes) -> bytes:
    place = frame.index(b"\xff\x51") + 22
    return frame[:place] + struct.pack(">II", 1, 1) + frame[place + 8 :]


def with_an_unknown_marker(frame: bytes) -> bytes:
    place = coding_style(frame)
    return frame[:place] + b"\xff\x30" + frame[place:]


def with_precincts_in_a_tile_part(frame: bytes) -> bytes:
    """The same coding style as of the main header, but in the header of the first tile-part."""
    start, tile = coding_style(frame), frame.index(b"\xff\x90")
    length = int.from_bytes(frame[start + 2 : start + 4])
    alone = with_tiny_precincts(frame[start : start + 2 + length])
    part = bytearray(frame[tile:])
    part[12:12] = alone
    part[6:10] = (int.from_bytes(part[6:10]) + len(alone)).to_bytes(4)
    return frame[:tile] + bytes(part)


@pytest.mark.parametrize(
    ("change", "why", "edge"),
    [
        (with_tiny_precincts, "precincts", 1000),
        (with_precincts_in_a_tile_part, "precincts", 1000),
        (with_tiny_blocks, "code-blocks", 4000),
        (with_tiny_tiles, "tiles", 100),
        (with_an_unknown_marker, "marker FF30", 100),
    ],
    ids=["precincts", "precincts in a tile-part", "code-blocks", "tiles", "unknown marker"],
)
def test_jpeg_2000_that_is_cut_into_too_many_pieces_is_refused(
    change: Callable[[bytes], bytes], why: str, edge: int
) -> None:
    plain = np.zeros((edge, edge), np.uint8)
    plain[0, 0] = 200
    bomb = dicom(plain, uid.JPEG2000Lossless, data=encapsulate([change(jpeg_2000(plain))]))

    with modest(), soon(2), pytest.raises(UnreadableImage, match=rf"\(7FE0,0010\).*{why}"):
        decode(bomb)


def test_a_jpeg_of_many_scans_is_refused() -> None:
    plain = np.zeros((2000, 2000), np.uint8)
    frame = imagecodecs.jpeg8_encode(plain, level=90)
    scan = frame[frame.rindex(b"\xff\xda") :][:12]
    bomb = dicom(plain, uid.JPEGBaseline8Bit, data=encapsulate([frame[:-2] + scan * 10_000 + b"\xff\xd9"]))

    with soon(2), pytest.raises(UnreadableImage, match=r"\(7FE0,0010\).*scans"):
        decode(bomb)


def test_a_jpeg_ls_that_ends_anywhere_is_refused_at_once() -> None:
    noise = np.random.default_rng(0).integers(0, 64, (64, 64, 3), dtype=np.uint8)
    frame = imagecodecs.jpegls_encode(noise)

    for length in range(100, 3000, 241):
        with soon(2), pytest.raises(UnreadableImage):
            decode(dicom(noise, uid.JPEGLSLossless, data=encapsulate([frame[:length]])))


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def undefined(group: int, number: int, vr: bytes) -> bytes:
    return struct.pack("<HH2sHI", group, number, vr, 0, 0xFFFFFFFF)


def item(length: int = 0) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, length)


FLOODS = {
    "elements": element(0x0009, 0x0010, b"LO", b"") * 800_000,
    "items": undefined(0x0009, 0x0010, b"SQ") + item() * 800_000,
    "nested sequences": (undefined(0x0009, 0x0010, b"SQ") + item(0xFFFFFFFF)) * 100_000,
    "values": element(0x0028, 0x1050, b"DS", b"1\\" * 30_000),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_tiny_pieces_ends_soon(name: str) -> None:
    whole = dicom(VALUES, WindowCenter=1, WindowWidth=2)
    start = whole.index(b"\x08\x00\x16\x00UI")

    with soon(), pytest.raises(ProblemError):
        decode(whole[:start] + FLOODS[name] + whole[start:].replace(b"\x28\x00\x50\x10DS", b"\x29\x00\x50\x10DS"))


def test_a_deflated_flood_may_be_read_as_often_as_a_file_of_its_size_sent() -> None:
    whole = dicom(VALUES, uid.DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(whole[140:144], "little")
    plain = zlib.decompress(whole[start:], -zlib.MAX_WBITS)
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    flood = element(0x0009, 0x0010, b"LO", b"") * 120_000 + element(0x0009, 0x0010, b"LO", bytes(60_000)) * 1000
    bomb = whole[:start] + packer.compress(flood + plain) + packer.flush()

    with pytest.raises(UnreadableImage):
        decode(bomb)


def test_a_flood_of_items_in_a_sequence_of_defined_length_ends_soon() -> None:
    flood = item() * 800_000
    sequence = struct.pack("<HH2sHI", 0x5200, 0x9230, b"SQ", 0, len(flood)) + flood
    whole = dicom(VALUES)
    start = whole.rindex(b"\xe0\x7f\x10\x00OW")

    with soon(), pytest.raises(UnreadableImage, match=r"\(5200,9230\)"):
        decode(whole[:start] + sequence + whole[start:])


def test_a_flood_of_fragments_ends_soon() -> None:
    flood = encapsulate([rle(VALUES)])[:8] + item() * 800_000

    with soon(), pytest.raises(UnreadableImage):
        decode(dicom(VALUES, uid.RLELossless, data=flood))


def with_segments(units: np.ndarray) -> bytes:
    """An image whose palette of 65,536 entries is written as segments."""
    elements = palette(np.zeros((65_536, 3), np.uint16), 16)
    for channel in CHANNELS:
        del elements[f"{channel}PaletteColorLookupTableData"]
        elements[f"Segmented{channel}PaletteColorLookupTableData"] = units.astype("<u2").tobytes()
    return dicom(ramp(8, 8, "u1", 0, 255), **elements)


ENDLESS = {
    "empty segments": np.concatenate([np.tile([0, 0], 30_000), np.tile([2, 30_000, 0, 0], 300)]),
    "repetitions of nothing": np.tile([2, 0, 0, 0], 10_000),
    "a table of any length": np.zeros(5_000_000),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_segments_of_a_palette_that_fill_no_table_are_refused_at_once(name: str) -> None:
    bomb = with_segments(ENDLESS[name])

    with modest(len(bomb) + 8 * MIB), soon(1), pytest.raises(UnreadableImage, match=r"\(0028,1221\)"):
        decode(bomb)
