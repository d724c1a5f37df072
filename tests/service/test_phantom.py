"""The synthetic slices that tests and demonstrations use instead of patients."""

import itertools
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.uid import MRImageStorage

from service.phantom import Lesion, brain_slice
from service.phantom.__main__ import main

LESIONS = get_args(Lesion)
SMALL = 128


def block_means(pixels: np.ndarray) -> list[list[int]]:
    """Return the means of 4 x 4 blocks that cover the picture."""
    edge = pixels.shape[0] // 4
    return np.rint(pixels.reshape(4, edge, 4, edge).mean(axis=(1, 3))).astype(int).tolist()


def change(seed: int, lesion: Lesion) -> np.ndarray:
    """Return the difference that the lesion makes to the slice of that seed."""
    return brain_slice(seed, lesion, 256).astype(int) - brain_slice(seed, "none", 256)


@pytest.mark.parametrize("lesion", LESIONS)
def test_a_slice_is_a_square_of_bytes_with_a_bright_rim_on_black(lesion: Lesion) -> None:
    pixels = brain_slice(3, lesion, SMALL)

    assert (pixels.shape, pixels.dtype) == ((SMALL, SMALL), np.uint8)
    assert np.median(pixels[:4]) <= 6
    assert 20 < pixels.mean() < 60
    assert pixels.max() > 110


@pytest.mark.parametrize("lesion", LESIONS)
def test_the_same_arguments_give_the_same_picture(lesion: Lesion) -> None:
    np.testing.assert_array_equal(brain_slice(5, lesion, SMALL), brain_slice(5, lesion, SMALL))


def test_the_picture_of_a_seed_is_the_same_on_every_machine() -> None:
    expected = [[1, 30, 27, 1], [13, 63, 62, 14], [18, 62, 61, 18], [3, 30, 29, 2]]

    np.testing.assert_allclose(block_means(brain_slice(0, "glioma", SMALL)), expected, atol=1)


def test_another_seed_gives_another_head() -> None:
    heads = [brain_slice(seed, "none", SMALL) > 30 for seed in range(4)]

    for one, other in itertools.pairwise(heads):
        assert (one != other).mean() > 0.03


def test_the_anatomy_does_not_depend_on_the_size() -> None:
    large = Image.fromarray(brain_slice(2, "meningioma", 512)).resize((SMALL, SMALL), Image.Resampling.BOX)

    difference = np.asarray(large, dtype=int) - brain_slice(2, "meningioma", SMALL)

    assert np.abs(difference).mean() < 6


@pytest.mark.parametrize("seed", range(4))
def test_a_meningioma_is_a_bright_patch_in_an_unchanged_head(seed: int) -> None:
    difference = change(seed, "meningioma")

    assert 0.005 < (difference > 30).mean() < 0.06
    assert (difference == 0).mean() > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_a_glioma_has_a_bright_ring_and_a_dark_core(seed: int) -> None:
    difference = change(seed, "glioma")

    row, column = (int(places.mean()) for places in np.nonzero(difference > 25))
    core = difference[row - 3 : row + 4, column - 3 : column + 4]
    assert core.mean() < -10
    assert 0.001 < (difference > 25).mean() < 0.05
    assert (difference == 0).mean() > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_a_pituitary_mass_is_bright_and_close_to_the_middle(seed: int) -> None:
    pixels = brain_slice(seed, "pituitary", 256).astype(int)

    middle = pixels[80:150, 100:156]
    assert (middle > 1.4 * np.median(middle)).sum() > 100


@pytest.mark.parametrize("arguments", [(-1, "none", 64), (0, "cyst", 64), (0, "none", 31), (0, "none", 4096)])
def test_arguments_out_of_range_are_refused(arguments: tuple[int, Lesion, int]) -> None:
    with pytest.raises(ValueError, match="need seed >= 0"):
        brain_slice(*arguments)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.png", "PNG"), ("a.JPG", "JPEG"), ("a.bmp", "BMP"), ("a.tif", "TIFF"), ("a.tiff", "TIFF"), ("a.webp", "WEBP")],
)
def test_the_command_writes_the_format_of_the_extension(name: str, kind: str, tmp_path: Path) -> None:
    assert main([str(tmp_path / name), "--lesion", "pituitary", "--seed", "7", "--size", "64"]) == 0

    with Image.open(tmp_path / name) as image:
        assert image.format == kind
        pixels = np.asarray(image.convert("L"), dtype=int)
    np.testing.assert_allclose(pixels, brain_slice(7, "pituitary", 64), atol=25 if kind == "JPEG" else 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: OUT"),
        (["a.gif"], "cannot tell the format from 'a.gif'"),
        (["a"], "cannot tell the format"),
        (["a.png", "--lesion", "cyst"], "invalid choice: 'cyst'"),
        (["a.png", "--seed", "x"], "invalid int value: 'x'"),
        (["a.png", "--seed", "-1"], "need seed >= 0"),
        (["a.png", "--size", "8"], "size 32..2048"),
        (["/no/such/folder/a.png", "--size", "32"], "cannot write '/no/such/folder/a.png': No such file or directory"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)

    error = capsys.readouterr().err
    assert stop.value.code == 2
    assert message in error
    assert error.count("\n") == 1


def test_a_dicom_file_holds_the_same_slice_of_no_patient(tmp_path: Path) -> None:
    assert main([str(tmp_path / "scan.dcm"), "--seed", "4", "--size", str(SMALL)]) == 0

    read = dcmread(tmp_path / "scan.dcm")
    np.testing.assert_array_equal(read.pixel_array, brain_slice(4, "none", SMALL))
    assert (read.PatientID, read.SOPClassUID) == ("PHANTOM", MRImageStorage)
