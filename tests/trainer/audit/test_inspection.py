"""Facts of one file, and what is wrong with it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from tests.pictures import good_jpeg, oversized_png
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import nifti, zipped
from tests.trainer.pictures import picture, write
from trainer.audit.inspection import inspect


@pytest.mark.parametrize(
    ("suffix", "name", "mode"),
    [
        (".png", "PNG", "L"),
        (".jpg", "JPEG", "L"),
        (".bmp", "BMP", "L"),
        (".tif", "TIFF", "L"),
        (".gif", "GIF", "P"),
        (".webp", "WEBP", "RGB"),
    ],
)
def test_facts_of_every_format(tmp_path: Path, suffix: str, name: str, mode: str) -> None:
    path = write(tmp_path / f"a{suffix}", picture(1)[:30])

    inspected = inspect(path)

    facts = inspected.facts
    assert (facts.format, facts.mode, facts.width, facts.height) == (name, mode, 48, 30)
    assert (facts.problem, facts.mislabelled, facts.size) == (None, False, path.stat().st_size)
    assert inspected.thumbnail is not None and inspected.thumbnail.shape == (64, 64)


@pytest.mark.parametrize(
    ("suffix", "name"), [(".dcm", "DICOM"), ("", "DICOM"), (".nii", "NIFTI"), (".nii.gz", "NIFTI")]
)
def test_facts_of_dicom_and_nifti(tmp_path: Path, suffix: str, name: str) -> None:
    pixels = picture(1)[:30]
    volume = nifti(pixels[::-1, ::-1].T[..., None])
    path = tmp_path / f"a{suffix}"
    path.write_bytes(dicom(pixels) if name == "DICOM" else zipped(volume) if suffix.endswith("gz") else volume)

    inspected = inspect(path)

    facts = inspected.facts
    assert (facts.format, facts.mode, facts.width, facts.height) == (name, "L", 48, 30)
    assert (facts.problem, facts.mislabelled) == (None, False)
    if name == "DICOM":
        assert facts.pixel_sha256 == inspect(write(tmp_path / "same.png", pixels)).facts.pixel_sha256


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (dicom(np.zeros((9, 9), np.uint8), UID("1.2.840.10008.1.2.4.53"), data=encapsulate([bytes(8)])), "unsupported"),
        (dicom(np.zeros((9, 9), np.uint8))[:-9], "corrupt"),
        (dicom(np.zeros((1, 1), np.uint8), Rows=60_000, Columns=60_000), "too large"),
        (nifti(np.zeros((2, 2, 2, 2), np.uint8)), "unsupported"),
    ],
    ids=["transfer syntax", "truncated", "huge", "series"],
)
def test_what_is_wrong_with_dicom_and_nifti(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(data)

    assert inspect(path).facts.problem == problem


def test_pixels_are_the_same_in_lossless_formats_and_colourless_colour(tmp_path: Path) -> None:
    pixels = picture(1)
    paths = [write(tmp_path / f"a{suffix}", pixels) for suffix in (".png", ".bmp", ".tif")]
    paths.append(write(tmp_path / "colour.png", np.repeat(pixels[..., None], 3, axis=-1)))

    facts = [inspect(path).facts for path in paths]

    assert len({fact.pixel_sha256 for fact in facts}) == 1
    assert len({fact.file_sha256 for fact in facts}) == 4
    assert facts[-1].mode == "RGB"


def test_other_pixels_and_other_shapes_have_another_hash(tmp_path: Path) -> None:
    pixels = picture(1)
    changed = pixels.copy()
    changed[0, 0] ^= 1
    tinted = np.repeat(pixels[..., None], 3, axis=-1)
    tinted[0, 0, 2] ^= 1
    variants = [pixels, changed, pixels.reshape(24, 96), tinted]

    hashes = {inspect(write(tmp_path / f"{n}.png", p)).facts.pixel_sha256 for n, p in enumerate(variants)}

    assert len(hashes) == 4


@pytest.mark.parametrize(
    ("content", "problem", "reason"),
    [
        (b"", "empty", "0 bytes"),
        (b"this is no picture", "unsupported", "not an image"),
        (good_jpeg()[:1500], "corrupt", "truncated or corrupt"),
        (oversized_png(), "too large", "too many pixels"),
    ],
    ids=["empty", "text", "truncated", "bomb"],
)
def test_what_is_wrong_with_the_content(tmp_path: Path, content: bytes, problem: str, reason: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)

    inspected = inspect(path)

    assert inspected.facts.problem == problem and reason in inspected.facts.reason
    assert inspected.thumbnail is None


def test_a_blank_picture_cannot_be_used(tmp_path: Path) -> None:
    assert inspect(write(tmp_path / "a.png", np.full((40, 40), 7, np.uint8))).facts.problem == "blank"


def test_a_file_that_is_gone_cannot_be_read(tmp_path: Path) -> None:
    facts = inspect(tmp_path / "gone.png").facts

    assert facts.problem == "unreadable" and "No such file" in facts.reason


def test_a_file_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "video.png"
    with path.open("wb") as file:
        file.truncate(1 << 40)

    assert inspect(path).facts.problem == "too large"


@pytest.mark.parametrize(
    ("name", "mislabelled"), [("a.png", False), ("a.PNG", False), ("a.jpg", True), ("a", True), ("a.txt", True)]
)
def test_the_suffix_must_be_that_of_the_content(tmp_path: Path, name: str, mislabelled: bool) -> None:
    Image.fromarray(picture(1)).save(tmp_path / name, "PNG")

    facts = inspect(tmp_path / name).facts

    assert (facts.mislabelled, facts.problem) == (mislabelled, None)
