"""Volumes -> axial slices: which slice, which way round, how bright."""

import itertools

import nibabel as nib
import numpy as np
import pytest

from service.imaging import decode, open_image
from tests.service.imaging.nifti.volumes import RAS, big_endian, counting, nifti, zipped

ORIENTATIONS = [
    "".join(axes) for order in itertools.permutations(("RL", "AP", "SI")) for axes in itertools.product(*order)
]


def seen(data: bytes, frame: int = 0) -> np.ndarray:
    return np.asarray(decode(data, frame=frame).image)


def expected(canonical: np.ndarray, frame: int) -> np.ndarray:
    """Return the slice as radiologists see it, by the definition of the rule of brightness.

    `canonical` has axes to right, anterior, superior. A row of the picture runs from the patient's right to the left,
    the first row is the most anterior.
    """
    values = canonical.astype(np.float64)
    low, high = np.percentile(values, 1), np.percentile(values[values > values.min()], 99)
    grey = np.rint(np.clip((values - low) / (high - low), 0, 1) * 255)
    right, anterior = canonical.shape[0] - 1, canonical.shape[1] - 1
    return np.array([[grey[right - x, anterior - y, frame] for x in range(right + 1)] for y in range(anterior + 1)])


@pytest.mark.parametrize("axes", ORIENTATIONS)
def test_however_a_volume_is_stored_its_axial_slices_are_the_same(axes: str) -> None:
    stored = counting()
    turns = nib.orientations.axcodes2ornt(axes)
    affine = RAS @ nib.orientations.inv_ornt_aff(turns, stored.shape)
    canonical = nib.as_closest_canonical(nib.Nifti1Image(stored, affine))
    data = nifti(stored, affine)

    source = open_image(data)

    assert source.frames == canonical.shape[2]
    for frame in range(source.frames):
        picture = source.picture(frame)
        np.testing.assert_array_equal(np.asarray(picture.image), expected(np.asarray(canonical.dataobj), frame))
        assert (picture.format, picture.frames, picture.frame) == ("NIFTI", source.frames, frame)
        assert (picture.width, picture.height) == canonical.shape[:2]
        assert picture.spacing_mm == pytest.approx(canonical.header.get_zooms()[1::-1])


def test_an_oblique_volume_keeps_its_voxels() -> None:
    turn = np.radians(20)
    oblique = RAS.copy()
    oblique[:2, :2] = [[2 * np.cos(turn), -3 * np.sin(turn)], [2 * np.sin(turn), 3 * np.cos(turn)]]
    stored = counting()

    np.testing.assert_array_equal(seen(nifti(stored, oblique), 3), expected(stored, 3))


def test_without_sform_and_qform_the_first_axis_runs_to_the_left() -> None:
    stored = counting()

    data = nifti(stored, sform_code=0, qform_code=0)

    np.testing.assert_array_equal(seen(data, 2), expected(stored[::-1], 2))


@pytest.mark.parametrize("pack", [lambda data: data, zipped], ids=["plain", "gzip"])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "f4", "f8"])
def test_every_kind_of_number_in_both_versions(dtype: str, version: int, pack) -> None:  # type: ignore[no-untyped-def]
    stored = counting(dtype=dtype)

    np.testing.assert_array_equal(seen(pack(nifti(stored, version=version)), 1), expected(stored, 1))


def test_the_other_byte_order() -> None:
    stored = counting()

    np.testing.assert_array_equal(seen(big_endian(stored), 1), expected(stored, 1))


def test_gzip_of_several_members() -> None:
    stored = counting((20, 30, 40))
    data = nifti(stored)

    np.testing.assert_array_equal(seen(zipped(data[:5000]) + zipped(data[5000:]), 7), expected(stored, 7))


@pytest.mark.parametrize(("slope", "intercept"), [(2.5, -10.0), (-1.0, 7.0), (0.0, 5.0), (np.nan, 0.0)])
def test_slope_and_intercept_apply_where_the_slope_means_something(slope: float, intercept: float) -> None:
    stored = counting()
    applied = stored * slope + intercept if np.isfinite(slope) and slope else stored

    data = nifti(stored, scl_slope=slope, scl_inter=intercept)

    np.testing.assert_allclose(seen(data, 1), expected(applied, 1), atol=1)


def test_not_a_number_and_minus_infinity_are_black_infinity_is_white_and_none_moves_the_range() -> None:
    stored = counting(dtype="f4")
    clean = stored.copy()
    stored[0, 0, 0], stored[1, 0, 0], stored[2, 0, 0] = np.nan, np.inf, -np.inf
    finite = clean.ravel()[~np.isin(np.arange(clean.size), [0, 30, 60])]
    low, high = np.percentile(finite, 1), np.percentile(finite[finite > finite.min()], 99)

    picture = seen(nifti(stored), 0)[::-1, ::-1].T

    assert (picture[0, 0], picture[1, 0], picture[2, 0]) == (0, 255, 0)
    assert picture[3, 4] == np.rint((clean[3, 4, 0] - low) / (high - low) * 255)


@pytest.mark.parametrize("value", [0, 7, np.nan])
def test_a_volume_of_one_value_is_black(value: float) -> None:
    assert not seen(nifti(np.full((4, 5, 6), value, "f4"))).any()


def test_a_background_that_fills_most_of_the_volume_does_not_count() -> None:
    stored = np.zeros((20, 20, 20), "i2")
    stored[9:11, 9:11, 9:11] = np.arange(8).reshape(2, 2, 2) * 100 + 100

    picture = seen(nifti(stored), 9)

    assert len(np.unique(picture)) == 5


def test_slices_share_one_range_so_that_they_can_be_compared() -> None:
    stored = np.zeros((4, 4, 3), "i2")
    stored[..., 1], stored[..., 2] = 100, 200
    stored[0, 0, 2] = 300

    source = open_image(nifti(stored))

    means = [np.asarray(source.picture(frame).image).mean() for frame in range(3)]
    assert means[0] < means[1] < means[2]


def test_a_large_volume_is_sampled_evenly() -> None:
    small = np.random.default_rng(0).integers(0, 1000, (20, 20, 20), dtype=np.int16)
    large = small.repeat(8, 0).repeat(8, 1).repeat(8, 2)

    fine, coarse = (
        np.asarray(open_image(nifti(volume)).picture(5 * edge).image) for volume, edge in ((small, 1), (large, 8))
    )

    np.testing.assert_allclose(coarse[::8, ::8].astype(int), fine, atol=3)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 6, 1), (4, 5, 6, 1, 1)])
def test_dimensions_of_one_do_not_count(shape: tuple[int, ...]) -> None:
    assert open_image(nifti(counting(shape))).frames == (6 if 6 in shape else 1)
