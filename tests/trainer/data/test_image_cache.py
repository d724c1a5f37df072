"""Images decoded once."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.imaging import PreprocessSpec
from service.phantom import brain_slice
from tests.trainer.pictures import class_folders, picture, write
from tests.trainer.test_atomic import small_disk
from trainer.data import image_cache
from trainer.data.dataset import load_samples
from trainer.data.image_cache import Images, load_images
from trainer.data.sample import Sample
from trainer.errors import DataError

SPEC = PreprocessSpec(size=32)
BAD_FILES = {
    "empty.png": b"",
    "text.jpg": b"this is no picture",
    "truncated.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    "Thumbs.db": b"\xd0\xcf\x11\xe0",
}


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    return load_samples([class_folders(tmp_path / "scans", {"a": 4, "b": 3})], {}, keep_splits=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def must_not_decode(*_: object, **__: object) -> None:
    raise AssertionError("decoded again")


def test_images_come_in_the_order_of_the_samples_and_as_the_service_sees_them(
    samples: list[Sample], folder: Path
) -> None:
    images = load_images(samples, SPEC, folder)

    assert images.samples == samples
    assert images.pixels.shape == (7, 32, 32, 1) and images.pixels.dtype == np.uint8
    assert images.skipped == []
    assert len(set(images.pixel_sha256)) == 7
    for sample, pixels in zip(samples, images.pixels, strict=True):
        assert np.array_equal(pixels, image_cache._decode_one(sample.path, SPEC)[0])


def test_files_that_cannot_be_used_are_skipped_and_listed(samples: list[Sample], folder: Path) -> None:
    good = list(samples)
    place = samples[0].path.parent
    for number, (name, content) in enumerate(BAD_FILES.items()):
        (place / name).write_bytes(content)
        samples.insert(2 * number, Sample(place / name, "a", "scans"))
    samples.append(Sample(place / "gone.png", "a", "scans"))

    images = load_images(samples, SPEC, folder)

    assert images.samples == good
    assert len(images.pixels) == len(images.pixel_sha256) == len(good)
    reasons = {skip.path.name: skip.reason for skip in images.skipped}
    assert set(reasons) == {*BAD_FILES, "gone.png"}
    assert "0 bytes" in reasons["empty.png"]
    assert "not an image" in reasons["text.jpg"]
    assert reasons["gone.png"] == "cannot be read: No such file or directory"
    assert np.array_equal(images.pixels[-1], image_cache._decode_one(good[-1].path, SPEC)[0])


def test_when_no_file_can_be_decoded_the_first_reason_is_told(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")

    with pytest.raises(DataError, match=r"none of the 1 files can be decoded; .*a.png: .*0 bytes"):
        load_images([Sample(tmp_path / "a.png", "a", "s")], SPEC, folder)


def test_a_second_call_decodes_nothing(samples: list[Sample], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (samples[1].path).write_bytes(b"broken")
    first = load_images(samples, SPEC, folder)
    monkeypatch.setattr(image_cache, "_decode_one", must_not_decode)

    second = load_images(samples, SPEC, folder)

    assert same(first, second)


def same(first: Images, second: Images) -> bool:
    return (
        np.array_equal(first.pixels, second.pixels)
        and first.samples == second.samples
        and first.skipped == second.skipped
        and (first.pixel_sha256, first.content_sha256) == (second.pixel_sha256, second.content_sha256)
    )


@pytest.mark.parametrize("change", ["file", "spec", "crop", "order", "removed", "added"])
def test_the_cache_is_renewed_when_something_changes(
    samples: list[Sample], folder: Path, tmp_path: Path, change: str
) -> None:
    load_images(samples, SPEC, folder)
    spec = SPEC
    if change == "file":
        write(samples[3].path, picture(777))
    elif change == "spec":
        spec = PreprocessSpec(size=40, channels=3)
    elif change == "crop":
        spec = PreprocessSpec(size=32, crop="brain")
    elif change == "order":
        samples.reverse()
    elif change == "removed":
        del samples[2]
    else:
        samples.insert(0, Sample(write(tmp_path / "new.png", picture(777)), "b", "s"))

    renewed = load_images(samples, spec, folder)

    assert same(renewed, load_images(samples, spec, tmp_path / "fresh"))


def test_a_changed_label_shows_although_no_image_is_decoded_again(samples: list[Sample], folder: Path) -> None:
    first = load_images(samples, SPEC, folder)

    second = load_images([replace(samples[0], label="b"), *samples[1:]], SPEC, folder)

    assert second.samples[0].label == "b"
    assert second.content_sha256 != first.content_sha256


def test_an_interrupted_renewal_is_done_again(
    samples: list[Sample], folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load_images(samples, SPEC, folder)
    write(samples[3].path, picture(777))
    with monkeypatch.context() as patch:
        patch.setattr(image_cache, "_decode_one", must_not_decode)
        with pytest.raises(AssertionError):
            load_images(samples, SPEC, folder)
    assert not list(folder.glob(".partial*"))

    assert same(load_images(samples, SPEC, folder), load_images(samples, SPEC, tmp_path / "fresh"))


def test_a_full_disk_is_an_error_and_leaves_nothing(samples: list[Sample], folder: Path) -> None:
    program = """
import sys
from pathlib import Path
from service.imaging import PreprocessSpec
from service.phantom import brain_slice
from trainer.data.dataset import load_samples
from trainer.data.image_cache import load_images
load_images(load_samples([Path(sys.argv[1])], {}, False), PreprocessSpec(), Path(sys.argv[2]))
"""
    arguments = [sys.executable, "-c", program, str(samples[0].path.parents[1]), str(folder)]

    result = subprocess.run(arguments, preexec_fn=small_disk, capture_output=True, text=True)

    assert result.returncode == 1 and "OSError" in result.stderr
    assert list(folder.iterdir()) == []


def test_the_content_hash_knows_bytes_and_labels_but_neither_names_nor_order(
    samples: list[Sample], tmp_path: Path
) -> None:
    renamed = []
    for number, sample in enumerate(reversed(samples)):
        path = tmp_path / "elsewhere" / f"{number}-{sample.label}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(sample.path.read_bytes())
        renamed.append(Sample(path, sample.label, "other"))
    hashes = [
        load_images(one, SPEC, tmp_path / f"cache-{n}").content_sha256 for n, one in enumerate((samples, renamed))
    ]
    more = load_images([*samples, samples[0]], SPEC, tmp_path / "cache-2").content_sha256

    assert hashes[0] == hashes[1] != more


def test_the_pixel_hash_ignores_headers(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.jpg", picture(1), dpi=(72, 72))
    other = write(tmp_path / "other.jpg", picture(1), dpi=(300, 300), comment=b"scanner 2")
    png = write(tmp_path / "other.png", picture(1))

    images = load_images([Sample(path, "a", "s") for path in (plain, other, png)], SPEC, tmp_path / "cache")

    assert plain.read_bytes() != other.read_bytes()
    assert images.pixel_sha256[0] == images.pixel_sha256[1] != images.pixel_sha256[2]


def test_a_copy_with_a_wide_rim_looks_like_the_original_where_the_head_is(tmp_path: Path) -> None:
    scan = brain_slice(seed=3)
    plain = write(tmp_path / "plain.png", scan)
    rimmed = write(tmp_path / "rimmed.png", np.pad(scan, 40))
    other = write(tmp_path / "other.png", brain_slice(seed=4))

    images = load_images([Sample(path, "a", "s") for path in (plain, rimmed, other)], SPEC, tmp_path / "cache")

    whole, heads = (np.corrcoef(images.thumbnails[:, column].reshape(3, -1)) for column in (0, 1))
    assert whole[0, 1] < 0.97 <= heads[0, 1]
    assert heads[0, 2] < 0.97
