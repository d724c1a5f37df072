"""Uncompressed pixels of every depth, sign, byte order and arrangement (PS3.5 section 8, PS3.3 section C.7.6.3)."""

import numpy as np
import pytest
from pydicom import uid
from pydicom.pixels.utils import pack_bits
from pydicom.uid import UID

from service.imaging import Picture, decode
from tests.service.imaging.dicom.objects import NATIVE, dataset, dicom, native, ramp, shown, written

COLOURS = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
EVERY_SYNTAX = pytest.mark.parametrize("syntax", NATIVE, ids=lambda syntax: syntax.keyword)


def pixels_of(picture: Picture) -> np.ndarray:
    return np.asarray(picture.image)


@EVERY_SYNTAX
@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [("u2", 7, 4095), ("i2", -1000, 3071), ("u4", 0, 4_000_000_000), ("i4", -70_000, 70_000), ("u2", 0, 65_535)],
)
def test_deep_values_are_shown_from_their_least_to_their_greatest(syntax: UID, dtype: str, low: int, high: int) -> None:
    values = ramp(dtype=dtype, low=low, high=high)

    picture = decode(dicom(values, syntax))

    np.testing.assert_array_equal(pixels_of(picture), shown(values))
    assert (picture.format, picture.image.mode, picture.width, picture.height) == ("DICOM", "L", 16, 12)
    assert (picture.frames, picture.frame) == (1, 0)


@EVERY_SYNTAX
def test_eight_bits_are_shown_as_they_are(syntax: UID) -> None:
    values = ramp(rows=3, columns=5, dtype="u1", low=40, high=190)

    np.testing.assert_array_equal(pixels_of(decode(dicom(values, syntax))), values)


def test_eight_signed_bits_are_shown_over_their_range() -> None:
    values = ramp(dtype="i1", low=-128, high=127)

    np.testing.assert_array_equal(pixels_of(decode(dicom(values))), (values.astype(int) + 128).astype(np.uint8))


def test_seven_bits_are_shown_over_their_range() -> None:
    values = ramp(dtype="u1", low=0, high=100)

    seen = pixels_of(decode(dicom(values, BitsStored=7, HighBit=6)))

    np.testing.assert_array_equal(seen, np.rint(values / 127 * 255))


def test_single_bits_are_black_and_white() -> None:
    values = np.arange(40).reshape(5, 8) % 3 == 0
    made = dataset(values.astype(np.uint8), BitsAllocated=1, BitsStored=1, HighBit=0)
    made.PixelData = pack_bits(values.astype(np.uint8))
    made["PixelData"].VR = "OB"

    np.testing.assert_array_equal(pixels_of(decode(written(made))), values * 255)


@pytest.mark.parametrize("high_bit", [11, 13, 15])
@pytest.mark.parametrize("dtype", ["u2", "i2"])
def test_the_high_bit_says_where_the_value_lies_and_other_bits_are_ignored(dtype: str, high_bit: int) -> None:
    low = -2048 if dtype == "i2" else 0
    values = ramp(dtype=dtype, low=low, high=low + 4095)
    noise = np.random.default_rng(0).integers(0, 1 << 16, values.shape, dtype=np.uint16)
    mask = np.uint16(0x0FFF << (high_bit - 11))
    stored = ((values.view("u2") << (high_bit - 11)) & mask) | (noise & ~mask)

    seen = pixels_of(decode(dicom(stored.view(dtype), BitsStored=12, HighBit=high_bit)))

    np.testing.assert_array_equal(seen, shown(values))


@pytest.mark.parametrize(
    ("keyword", "dtype", "vr"), [("FloatPixelData", "f4", "OF"), ("DoubleFloatPixelData", "f8", "OD")]
)
def test_floating_point_pixels_that_are_not_finite_count_as_0(keyword: str, dtype: str, vr: str) -> None:
    values = ramp(dtype=dtype, low=-3, high=9) / 7
    values[0, :3] = np.nan, np.inf, -np.inf
    made = dataset(values.astype(dtype), BitsStored=None, HighBit=None, PixelRepresentation=None)
    setattr(made, keyword, values.astype(f"<{dtype}").tobytes())
    made[keyword].VR = vr

    seen = pixels_of(decode(written(made)))

    finite = np.nan_to_num(values.astype(dtype).astype(np.float64), posinf=0, neginf=0)
    np.testing.assert_allclose(seen, shown(finite), atol=1)
    assert seen[0, 0] == seen[0, 1] == seen[0, 2]


@EVERY_SYNTAX
@pytest.mark.parametrize("planar", [0, 1])
def test_colours_by_pixel_and_by_plane(syntax: UID, planar: int) -> None:
    stored = COLOURS if planar == 0 else np.moveaxis(COLOURS, -1, 0).copy()

    picture = decode(dicom(COLOURS, syntax, data=native(stored, syntax), PlanarConfiguration=planar))

    np.testing.assert_array_equal(pixels_of(picture), COLOURS)
    assert picture.image.mode == "RGB"


def test_sixteen_bit_colours_are_scaled_by_their_depth() -> None:
    deep = COLOURS.astype(np.uint16) * 129

    seen = pixels_of(decode(dicom(deep)))

    np.testing.assert_array_equal(seen, np.rint(deep / 65535 * 255))


def ybr(colours: np.ndarray) -> np.ndarray:
    """PS3.3 section C.7.6.3.1.2, YBR_FULL."""
    red, green, blue = np.moveaxis(colours.astype(np.float64), -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    difference_blue = -0.168736 * red - 0.331264 * green + 0.5 * blue + 128
    difference_red = 0.5 * red - 0.418688 * green - 0.081312 * blue + 128
    stacked = np.stack([luma, difference_blue, difference_red], axis=-1)
    return np.clip(np.rint(stacked), 0, 255).astype(np.uint8)


def test_ybr_full_becomes_red_green_and_blue() -> None:
    seen = pixels_of(decode(dicom(ybr(COLOURS), PhotometricInterpretation="YBR_FULL")))

    np.testing.assert_allclose(seen.astype(int), COLOURS, atol=2)


def test_a_grey_in_ybr_full_is_the_same_grey() -> None:
    greys = np.repeat(ramp(dtype="u1", low=0, high=255)[..., None], 3, axis=-1)

    seen = pixels_of(decode(dicom(ybr(greys), PhotometricInterpretation="YBR_FULL")))

    np.testing.assert_array_equal(seen, greys)


def test_ybr_full_422_shares_its_chroma_between_two_pixels() -> None:
    pairs = np.repeat(COLOURS, 2, axis=1)
    full = ybr(pairs)
    packed = np.stack([full[:, ::2, 0], full[:, 1::2, 0], full[:, ::2, 1], full[:, ::2, 2]], axis=-1)

    seen = pixels_of(decode(dicom(pairs, data=packed.tobytes(), PhotometricInterpretation="YBR_FULL_422")))

    np.testing.assert_allclose(seen.astype(int), pairs, atol=2)


@EVERY_SYNTAX
def test_only_the_wanted_frame_is_shown(syntax: UID) -> None:
    stack = np.stack([ramp(dtype="u1", low=low, high=low + 100) for low in (0, 50, 150)])
    data = dicom(stack, syntax, frames=3)

    for frame in range(3):
        picture = decode(data, frame=frame)
        np.testing.assert_array_equal(pixels_of(picture), stack[frame])
        assert (picture.frames, picture.frame) == (3, frame)


def test_frames_of_an_odd_number_of_bytes_lie_close_together() -> None:
    stack = np.arange(45, dtype=np.uint8).reshape(3, 3, 5)

    for syntax in (uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian):
        data = dicom(stack, syntax, frames=3)
        for frame in range(3):
            np.testing.assert_array_equal(pixels_of(decode(data, frame=frame)), stack[frame])


@EVERY_SYNTAX
def test_a_file_may_lack_the_preamble(syntax: UID) -> None:
    values = ramp()

    np.testing.assert_array_equal(pixels_of(decode(dicom(values, syntax, preamble=False))), shown(values))


@pytest.mark.parametrize("syntax", NATIVE[:3], ids=lambda syntax: syntax.keyword)
def test_a_data_set_may_lack_all_that_goes_before_it(syntax: UID) -> None:
    values = ramp()
    whole = dicom(values, syntax)
    meta_length = int.from_bytes(whole[140:144], "little")

    picture = decode(whole[144 + meta_length :])

    np.testing.assert_array_equal(pixels_of(picture), shown(values))


def test_what_follows_the_pixels_is_not_looked_at() -> None:
    values = ramp()

    picture = decode(dicom(values) + b"\xfc\xff\xfc\xffOB\0\0\xff\xff\xff\xff no element any more")

    np.testing.assert_array_equal(pixels_of(picture), shown(values))
