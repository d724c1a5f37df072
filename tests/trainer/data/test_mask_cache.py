"""Tumour outlines in the frame of the model's input."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.imaging import PreprocessSpec
from tests.trainer.pictures import picture, sample, write
from trainer.data.mask_cache import FREE, TUMOUR, UNKNOWN, load_masks
from trainer.data.sample import Sample
from trainer.errors import DataError

SPEC = PreprocessSpec(size=32)
TUMOURS = ("glioma",)


def outlined(folder: Path, label: str = "glioma") -> Sample:
    """Return a sample of 64 pixels whose lower right quarter is outlined."""
    mask = np.zeros((64, 64), np.uint8)
    mask[32:, 32:] = 255
    write(folder / "masks" / "1.png", mask)
    image = write(folder / "1.png", picture(1, size=64))
    return Sample(image, label, "source", split="train", mask=folder / "masks" / "1.png")


def without(folder: Path, label: str) -> Sample:
    return replace(sample(2, label), path=write(folder / "2.png", picture(2)))


def test_an_outline_is_brought_into_the_frame(tmp_path: Path) -> None:
    masks = load_masks([outlined(tmp_path)], SPEC, TUMOURS, tmp_path / "cache")

    assert masks.shape == (1, 32, 32, 1) and masks.dtype == np.uint8
    assert (masks[0, 16:, 16:] == TUMOUR).all()
    assert (masks == TUMOUR).sum() == 16 * 16 and (masks == FREE).sum() == 32 * 32 - 16 * 16


def test_it_follows_the_crop_of_its_picture(tmp_path: Path) -> None:
    pixels = np.zeros((128, 128), np.uint8)
    pixels[32:96, 32:96] = 120 + picture(1, size=64) // 4
    mask = np.zeros((128, 128), np.uint8)
    mask[64:96, 64:96] = 255
    one = Sample(write(tmp_path / "1.png", pixels), "glioma", "s", split="train", mask=write(tmp_path / "m.png", mask))
    spec = PreprocessSpec(size=64, crop="brain", crop_margin=0.0)

    masks = load_masks([one], spec, TUMOURS, tmp_path / "cache")

    assert (masks == TUMOUR).mean() == pytest.approx(0.25, abs=0.03)
    assert (masks[0, 36:, 36:] == TUMOUR).all() and (masks[0, :28] == FREE).all()


@pytest.mark.parametrize(
    ("label", "tumours", "value"),
    [("no_tumor", TUMOURS, FREE), ("glioma", TUMOURS, UNKNOWN), ("no_tumor", (), UNKNOWN)],
)
def test_without_an_outline_the_class_says_whether_there_is_a_tumour(
    tmp_path: Path, label: str, tumours: tuple[str, ...], value: int
) -> None:
    masks = load_masks([outlined(tmp_path), without(tmp_path, label)], SPEC, tumours, tmp_path / "cache")

    assert (masks[1] == value).all()


def test_the_cache_is_used_until_something_changes(tmp_path: Path) -> None:
    one, cache = outlined(tmp_path), tmp_path / "cache"
    load_masks([one], SPEC, TUMOURS, cache)
    (file,) = cache.iterdir()
    np.save(file, np.full((1, 32, 32, 1), UNKNOWN, np.uint8))
    assert (load_masks([one], SPEC, TUMOURS, cache) == UNKNOWN).all()

    assert one.mask is not None
    write(one.mask, np.zeros((64, 64), np.uint8))

    assert (load_masks([one], SPEC, TUMOURS, cache) == FREE).all()


def test_a_mask_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    one = outlined(tmp_path)
    assert one.mask is not None
    one.mask.write_bytes(b"not a picture")

    with pytest.raises(DataError, match=r"masks.1\.png: the mask cannot be read"):
        load_masks([one], SPEC, TUMOURS, tmp_path / "cache")

    assert list((tmp_path / "cache").glob("*.npy")) == []


def test_training_images_without_any_mask_are_refused_with_the_remedy(tmp_path: Path) -> None:
    tested = replace(outlined(tmp_path), split="test")

    with pytest.raises(DataError, match=r"no training image of the data has one; give a manifest .* or --mask-loss 0"):
        load_masks([tested, without(tmp_path, "glioma")], SPEC, TUMOURS, tmp_path / "cache")


def test_a_mask_of_0_and_1_is_refused_instead_of_read_as_free_of_tumour(tmp_path: Path) -> None:
    one = outlined(tmp_path)
    assert one.mask is not None
    write(one.mask, np.eye(64, dtype=np.uint8))

    with pytest.raises(DataError, match=r"the brightest value of the mask is 1 of 255; tumour must be white"):
        load_masks([one], SPEC, TUMOURS, tmp_path / "cache")


def test_the_cache_holds_one_file(tmp_path: Path) -> None:
    for size in (32, 48):
        load_masks([outlined(tmp_path)], PreprocessSpec(size=size), TUMOURS, tmp_path / "cache")

    assert len(list((tmp_path / "cache").iterdir())) == 1
