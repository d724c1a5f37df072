"""Stored grey values -> what is seen, by the formulas of PS3.3 sections C.11.1, C.11.2 and C.7.6.16."""

import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.pixels.processing import apply_voi_lut
from pydicom.sequence import Sequence

from service.errors import UnreadableImage
from service.imaging import decode
from tests.service.imaging.dicom.objects import NATIVE, dataset, dicom, ramp, shown


def seen(
    pixels: np.ndarray, syntax: uid.UID = uid.ExplicitVRLittleEndian, frame: int = 0, **elements: Any
) -> np.ndarray:
    return np.asarray(decode(dicom(pixels, syntax, **elements), frame=frame).image)


def item(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def table(first: int, entries: np.ndarray, bits: int, vr: str = "US") -> Sequence:
    """Return a sequence of one look-up table."""
    made = item(LUTDescriptor=[len(entries), first, bits], LUTData=entries.astype("<u2").tobytes())
    made["LUTData"].VR, made["LUTDescriptor"].VR = "OW", vr
    return Sequence([made])


def linear(x: np.ndarray, c: float, w: float) -> np.ndarray:
    """C.11.2.1.2.1, with an output from 0 to 255."""
    y = ((x - (c - 0.5)) / (w - 1) + 0.5) * 255 if w > 1 else np.zeros(x.shape)
    y = np.where(x <= c - 0.5 - (w - 1) / 2, 0, np.where(x > c - 0.5 + (w - 1) / 2, 255, y))
    return np.rint(y).astype(np.uint8)


def linear_exact(x: np.ndarray, c: float, w: float) -> np.ndarray:
    """C.11.2.1.3.2."""
    y = ((x - c) / w + 0.5) * 255
    return np.rint(np.where(x <= c - w / 2, 0, np.where(x > c + w / 2, 255, y))).astype(np.uint8)


def sigmoid(x: np.ndarray, c: float, w: float) -> np.ndarray:
    """C.11.2.1.3.1."""
    return np.rint(255 / (1 + np.exp(np.minimum(-4 * (x - c) / w, 700)))).astype(np.uint8)


FUNCTIONS = {None: linear, "LINEAR": linear, "LINEAR_EXACT": linear_exact, "SIGMOID": sigmoid}
VALUES = ramp(dtype="i2", low=-1000, high=3071)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("centre", "width"), [(40, 400), (1000, 4096), (0, 100), (0.5, 2), (-500, 1.5), (7.25, 1)])
def test_windows(function: str | None, centre: float, width: float) -> None:
    window = {"WindowCenter": centre, "WindowWidth": width, "VOILUTFunction": function}

    np.testing.assert_array_equal(seen(VALUES, **window), FUNCTIONS[function](VALUES.astype(float), centre, width))


def test_of_several_windows_the_first_counts() -> None:
    data = seen(VALUES, WindowCenter=[40, 900], WindowWidth=[400, 50], WindowCenterWidthExplanation=["BRAIN", "BONE"])

    np.testing.assert_array_equal(data, linear(VALUES.astype(float), 40, 400))


@pytest.mark.parametrize("width", [0, 0.5, -10])
def test_a_window_without_a_meaning_is_left_out(width: float) -> None:
    np.testing.assert_array_equal(seen(VALUES, WindowCenter=40, WindowWidth=width), shown(VALUES))


@pytest.mark.parametrize("empty", [{"WindowCenter": 40}, {"WindowWidth": 40}, {"WindowCenter": "", "WindowWidth": ""}])
def test_half_a_window_is_left_out(empty: dict[str, Any]) -> None:
    np.testing.assert_array_equal(seen(VALUES, **empty), shown(VALUES))


def test_an_unknown_function_is_named() -> None:
    with pytest.raises(UnreadableImage, match=r"\(0028,1056\).*SIGMOID"):
        seen(VALUES, WindowCenter=40, WindowWidth=400, VOILUTFunction="CUBIC")


def test_the_window_counts_in_rescaled_units() -> None:
    data = seen(VALUES, RescaleSlope=0.25, RescaleIntercept=-100, WindowCenter=40, WindowWidth=400)

    np.testing.assert_array_equal(data, linear(VALUES * 0.25 - 100, 40, 400))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_rescale_beyond_all_numbers_is_shown_without_a_warning(function: str | None) -> None:
    window = {"WindowCenter": 0, "WindowWidth": 400, "VOILUTFunction": function}

    data = seen(VALUES, RescaleSlope="1e306", RescaleIntercept="-1e308", **window)

    with np.errstate(over="ignore"):
        beyond = VALUES.astype(float) * 1e306 - 1e308
    known = np.isfinite(beyond)
    np.testing.assert_array_equal(data[known], np.where(beyond > 0, 255, 0)[known])
    assert known.any() and not known.all() and np.ptp(data[~known]) == 0


def test_a_negative_slope_turns_dark_and_bright_round() -> None:
    np.testing.assert_array_equal(seen(VALUES, RescaleSlope=-2, RescaleIntercept=5), shown(-VALUES.astype(float)))


@pytest.mark.parametrize("slope", ["0.0000", "NaN   ", "1e9999", "two   ", "1,5   "])
def test_a_slope_that_makes_no_sense_is_named(slope: str) -> None:
    whole = dicom(VALUES, RescaleSlope="2.7182", RescaleIntercept=0)

    with pytest.raises(UnreadableImage, match=r"\(0028,1053\) Rescale Slope"):
        decode(whole.replace(b"2.7182", slope.encode()))


def test_monochrome1_shows_the_least_value_white() -> None:
    np.testing.assert_array_equal(seen(VALUES, PhotometricInterpretation="MONOCHROME1"), 255 - shown(VALUES))
    np.testing.assert_array_equal(
        seen(VALUES, PhotometricInterpretation="MONOCHROME1", WindowCenter=40, WindowWidth=400),
        255 - linear(VALUES.astype(float), 40, 400),
    )


@pytest.mark.parametrize("syntax", NATIVE, ids=lambda syntax: syntax.keyword)
def test_a_modality_table(syntax: uid.UID) -> None:
    stored = ramp(dtype="u1", low=0, high=11)
    entries = np.array([0, 9, 4, 100, 90, 50, 60, 70], dtype=np.uint16)

    made = dicom(
        stored, syntax, ModalityLUTSequence=table(2, entries if syntax != NATIVE[2] else entries.byteswap(), 16)
    )

    expected = entries[np.clip(stored.astype(int) - 2, 0, 7)]
    np.testing.assert_array_equal(np.asarray(decode(made).image), shown(expected))


@pytest.mark.parametrize(("first", "dtype"), [(0, "u2"), (100, "u2"), (-1000, "i2")])
def test_a_table_of_interest(first: int, dtype: str) -> None:
    stored = ramp(dtype=dtype, low=first - 30, high=first + 300)
    entries = np.linspace(0, 1023, 256).round().astype(np.uint16)[::-1]
    vr = "SS" if first < 0 else "US"

    data = seen(stored, VOILUTSequence=table(first, entries, 10, vr), WindowCenter=1, WindowWidth=2)

    mapped = entries[np.clip(stored.astype(int) - first, 0, 255)]
    np.testing.assert_array_equal(data, np.rint(mapped / 1023 * 255))


def test_a_table_of_8_bit_entries_packed_two_in_a_word() -> None:
    entries = np.arange(256, dtype=np.uint8)[::-1]
    packed = item(LUTDescriptor=[256, 0, 8], LUTData=entries.tobytes())
    packed["LUTData"].VR, packed["LUTDescriptor"].VR = "OW", "US"
    stored = ramp(dtype="u1", low=0, high=255)

    np.testing.assert_array_equal(seen(stored, VOILUTSequence=Sequence([packed])), entries[stored])


@pytest.mark.parametrize(
    ("broken", "tag"),
    [
        (item(LUTDescriptor=[256, 0, 16], LUTData=bytes(100)), r"\(0028,3006\)"),
        (item(LUTDescriptor=[256, 0, 3], LUTData=bytes(512)), r"\(0028,3002\)"),
        (item(LUTData=bytes(512)), r"\(0028,3002\)"),
    ],
    ids=["too short", "depth", "no descriptor"],
)
def test_a_broken_table_is_named(broken: Dataset, tag: str) -> None:
    broken["LUTData"].VR = "OW"
    if "LUTDescriptor" in broken:
        broken["LUTDescriptor"].VR = "US"

    with pytest.raises(UnreadableImage, match=tag):
        seen(VALUES, VOILUTSequence=Sequence([broken]))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    centre=st.floats(-2000, 2000),
    width=st.floats(1, 5000),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    slope=st.floats(0.01, 10),
    intercept=st.floats(-500, 500),
)
def test_windows_agree_with_pydicom(centre: float, width: float, function: str, slope: float, intercept: float) -> None:
    numbers = [float(f"{number:.6g}") for number in (slope, intercept, centre, width)]
    header = dict(zip(("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth"), numbers, strict=True))
    described = dataset(VALUES, VOILUTFunction=function, **header)
    output = apply_voi_lut(VALUES * numbers[0] + numbers[1], described)
    low, high = (end * numbers[0] + numbers[1] for end in (-32768, 32767))

    data = seen(VALUES, VOILUTFunction=function, **header)

    np.testing.assert_allclose(data, (output - low) / (high - low) * 255, atol=0.51)


def enhanced(per_frame: list[dict[str, Any]], shared: dict[str, Any]) -> dict[str, Any]:
    return {
        "SOPClassUID": uid.EnhancedMRImageStorage,
        "SharedFunctionalGroupsSequence": Sequence([item(**shared)]),
        "PerFrameFunctionalGroupsSequence": Sequence([item(**groups) for groups in per_frame]),
    }


def macro(**elements: Any) -> Sequence:
    return Sequence([item(**elements)])


@pytest.mark.parametrize("syntax", NATIVE, ids=lambda syntax: syntax.keyword)
def test_each_frame_of_an_enhanced_object_has_its_own_window_scale_and_spacing(syntax: uid.UID) -> None:
    stack = np.stack([VALUES, VALUES])
    groups = [
        {
            "FrameVOILUTSequence": macro(WindowCenter=40, WindowWidth=400),
            "PixelValueTransformationSequence": macro(RescaleSlope=1, RescaleIntercept=0, RescaleType="US"),
            "PixelMeasuresSequence": macro(PixelSpacing=[0.5, 0.75]),
        },
        {
            "FrameVOILUTSequence": macro(WindowCenter=9, WindowWidth=90, VOILUTFunction="SIGMOID"),
            "PixelValueTransformationSequence": macro(RescaleSlope=0.5, RescaleIntercept=-3, RescaleType="US"),
            "PixelMeasuresSequence": macro(PixelSpacing=[2, 3]),
        },
    ]
    data = dicom(stack, syntax, frames=2, **enhanced(groups, {}))

    first, second = decode(data, frame=0), decode(data, frame=1)

    np.testing.assert_array_equal(np.asarray(first.image), linear(VALUES.astype(float), 40, 400))
    np.testing.assert_array_equal(np.asarray(second.image), sigmoid(VALUES * 0.5 - 3, 9, 90))
    assert (first.spacing_mm, second.spacing_mm) == ((0.5, 0.75), (2.0, 3.0))


def test_groups_that_a_writer_did_not_know_are_read_from_an_unknown_element() -> None:
    groups = [{"FrameVOILUTSequence": macro(WindowCenter=centre, WindowWidth=400)} for centre in (40, 900)]
    alone = Dataset()
    alone.PerFrameFunctionalGroupsSequence = Sequence([item(**group) for group in groups])
    file = DicomBytesIO()
    file.is_implicit_VR, file.is_little_endian = True, True
    write_dataset(file, alone)
    items = file.getvalue()[8:]
    unknown = struct.pack("<HH2sHI", 0x5200, 0x9230, b"UN", 0, len(items)) + items
    whole = dicom(np.stack([VALUES, VALUES]), frames=2)
    place = whole.rindex(b"\xe0\x7f\x10\x00OW")

    picture = decode(whole[:place] + unknown + whole[place:], frame=1)

    np.testing.assert_array_equal(np.asarray(picture.image), linear(VALUES.astype(float), 900, 400))


def test_a_frame_without_groups_of_its_own_takes_the_shared_ones_and_then_the_data_set() -> None:
    stack = np.stack([VALUES, VALUES])
    shared = {"FrameVOILUTSequence": macro(WindowCenter=40, WindowWidth=400)}
    own = {"FrameVOILUTSequence": macro(WindowCenter=100, WindowWidth=50)}
    groups = enhanced([{}, own], shared) | {"RescaleSlope": 2, "RescaleIntercept": 1}
    data = dicom(stack, frames=2, **groups)

    np.testing.assert_array_equal(np.asarray(decode(data).image), linear(VALUES * 2.0 + 1, 40, 400))
    np.testing.assert_array_equal(np.asarray(decode(data, frame=1).image), linear(VALUES * 2.0 + 1, 100, 50))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(-32768, 32767), min_size=1, max_size=12),
    st.sampled_from([None, "1", "-1", "0.25", "-3.7", "1e-320", "1e304", "-9e304", "1.7e308"]),
    st.sampled_from(["0", "-1024", "0.1", "1e308", "-1.7e308"]),
)
def test_without_a_window_the_least_value_is_black_and_the_greatest_white(
    stored: list[int], slope: str | None, intercept: str
) -> None:
    elements = {} if slope is None else {"RescaleSlope": slope, "RescaleIntercept": intercept}
    units = [float(value) if slope is None else value * float(slope) + float(intercept) for value in stored]
    values = [value if math.isfinite(value) else 0.0 for value in units]
    low, high = min(values), max(values)

    def shade(value: float) -> int:
        share = (value - low) * (255.0 / (high - low)) if high > low else 0.0
        return 0 if math.isnan(share) else round(min(max(share, 0.0), 255.0))

    assert seen(np.array([stored], "i2"), **elements).tolist() == [[shade(value) for value in values]]
