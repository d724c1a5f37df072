"""Indices -> colours (PS3.3 sections C.7.6.3.1.5, C.7.6.3.1.6 and C.7.9.2)."""

from typing import Any

import numpy as np
import pytest
from pydicom import uid

from service.errors import UnreadableImage
from service.imaging import decode
from tests.service.imaging.dicom.objects import dataset, dicom, ramp, rle, written

INDICES = ramp(dtype="u1", low=0, high=255)
COLOURS = np.random.default_rng(0).integers(0, 256, (256, 3), dtype=np.uint16)
CHANNELS = ("Red", "Green", "Blue")


def palette(colours: np.ndarray, bits: int, first: int = 0, packed: bool = False) -> dict[str, Any]:
    """Return the elements of a palette `[entries, 3]`."""
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for number, channel in enumerate(CHANNELS):
        values = colours[:, number].astype("u1" if packed else "<u2").tobytes()
        elements[f"{channel}PaletteColorLookupTableDescriptor"] = [len(colours) % 65_536, first, bits]
        elements[f"{channel}PaletteColorLookupTableData"] = values
    return elements


def seen(indices: np.ndarray, elements: dict[str, Any]) -> np.ndarray:
    made = dataset(indices, **elements)
    for channel in CHANNELS:
        made[f"{channel}PaletteColorLookupTableDescriptor"].VR = "US"
    made.PixelData = indices.tobytes()
    made["PixelData"].VR = "OW"
    picture = decode(written(made))
    assert picture.image.mode == "RGB"
    return np.asarray(picture.image)


def test_16_bit_entries() -> None:
    np.testing.assert_array_equal(seen(INDICES, palette(COLOURS * 257, 16)), COLOURS[INDICES])


def test_8_bit_entries_packed_two_in_a_word() -> None:
    np.testing.assert_array_equal(seen(INDICES, palette(COLOURS, 8, packed=True)), COLOURS[INDICES])


@pytest.mark.parametrize("bits", [8, 16])
def test_8_bit_colours_in_16_bit_entries_whatever_the_descriptor_says(bits: int) -> None:
    np.testing.assert_array_equal(seen(INDICES, palette(COLOURS, bits)), COLOURS[INDICES])


def test_values_outside_the_palette_get_its_ends() -> None:
    expected = COLOURS[np.clip(INDICES.astype(int) - 100, 0, 49)]

    np.testing.assert_array_equal(seen(INDICES, palette(COLOURS[:50] * 257, 16, first=100)), expected)


def test_a_palette_of_65536_entries() -> None:
    wide = np.random.default_rng(0).integers(0, 65_536, (65_536, 3), dtype=np.uint16)
    indices = ramp(dtype="u2", low=0, high=65_535)

    np.testing.assert_array_equal(seen(indices, palette(wide, 16)), np.rint(wide[indices] / 65_535 * 255))


def test_a_compressed_palette_image() -> None:
    data = dicom(INDICES, uid.RLELossless, data=_encapsulated(INDICES), **palette(COLOURS * 257, 16))

    np.testing.assert_array_equal(np.asarray(decode(data).image), COLOURS[INDICES])


def _encapsulated(frame: np.ndarray) -> bytes:
    from pydicom.encaps import encapsulate

    return encapsulate([rle(frame)])


# Discrete: 2 values; linear: 3 up to 1000; indirect: the 2 segments from byte 0 once more.
SEGMENTS = [0, 2, 10, 20, 1, 3, 1000, 2, 2, 0, 0]
EXPANDED = [10, 20, 347, 673, 1000, 10, 20, 347, 673, 1000]


def segmented(segments: list[int], entries: int = len(EXPANDED)) -> dict[str, Any]:
    elements = palette(COLOURS[:entries], 16)
    for channel in CHANNELS:
        del elements[f"{channel}PaletteColorLookupTableData"]
        data = np.array(segments, "<u2").tobytes()
        elements[f"Segmented{channel}PaletteColorLookupTableData"] = data
    return elements


def test_a_segmented_palette() -> None:
    indices = np.arange(10, dtype=np.uint8).reshape(2, 5)

    colours = seen(indices, segmented(SEGMENTS))

    expected = np.rint(np.array(EXPANDED).reshape(2, 5) / 65_535 * 255)
    np.testing.assert_array_equal(colours, np.repeat(expected[..., None], 3, axis=-1))


@pytest.mark.parametrize(
    "segments",
    [[0, 2, 10, 20], [1, 3, 1000], [7, 1, 1], [0, 1, 5, 2, 65_535, 0, 0, 2, 65_535, 0, 0], [0, 1, 5, 1, 0, 9]],
    ids=["too few", "linear at first", "unknown kind", "indirect to indirect", "empty ramp"],
)
def test_broken_segments_are_named(segments: list[int]) -> None:
    with pytest.raises(UnreadableImage, match=r"\(0028,1221\)"):
        seen(INDICES, segmented(segments, entries=200_000 % 65_536))


def test_a_missing_palette_is_named() -> None:
    elements = palette(COLOURS, 16)
    del elements["RedPaletteColorLookupTableData"]

    with pytest.raises(UnreadableImage, match=r"\(0028,1201\)"):
        seen(INDICES, elements)
