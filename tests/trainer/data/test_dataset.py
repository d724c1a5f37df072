"""Folders of classes, manifests, and the classes found in them."""

from collections import Counter
from pathlib import Path

import pytest

from tests.trainer.pictures import class_folders, sample
from trainer.data.dataset import check_classes, load_samples
from trainer.errors import DataError


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "scans", {"yes": 3, "no": 2})


def labels_of(*places: Path, class_map: dict[str, str] | None = None) -> Counter[str]:
    return Counter(sample.label for sample in load_samples(places, class_map or {}, keep_splits=False))


def test_a_folder_of_classes(scans: Path) -> None:
    samples = load_samples([scans], {}, keep_splits=True)

    assert Counter(sample.label for sample in samples) == {"yes": 3, "no": 2}
    assert {(sample.source, sample.group, sample.split, sample.mask, sample.series) for sample in samples} == {
        ("scans", None, None, None, None)
    }
    assert all(sample.path.is_file() for sample in samples)


@pytest.mark.parametrize(
    ("folders", "splits"),
    [
        (("Training", "Testing"), {"train", "test"}),
        (("train", "valid", "test"), {"train", "validation", "test"}),
        (("TRAIN", "Val", "Test"), {"train", "validation", "test"}),
    ],
)
def test_split_folders_count_only_when_asked_for(tmp_path: Path, folders: tuple[str, ...], splits: set[str]) -> None:
    for first, name in enumerate(folders):
        class_folders(tmp_path / name, {"a": 2, "b": 1}, first=10 * first)

    kept = load_samples([tmp_path], {}, keep_splits=True)
    pooled = load_samples([tmp_path], {}, keep_splits=False)

    assert {sample.split for sample in kept} == splits
    assert {sample.split for sample in pooled} == {None}
    assert Counter(sample.label for sample in pooled) == {"a": 2 * len(folders), "b": len(folders)}


def test_several_places_and_a_class_map_meet_in_one_set_of_names(tmp_path: Path, scans: Path) -> None:
    other = class_folders(tmp_path / "other", {"glioma_tumor": 4})
    manifest = tmp_path / "more.csv"
    manifest.write_text("path,label\nscans/yes/0.png,glioma\n")

    assert labels_of(scans, other, manifest, class_map={"glioma_tumor": "glioma", "yes": "glioma"}) == {
        "no": 2,
        "glioma": 3 + 4 + 1,
    }


def test_hidden_files_and_folders_are_not_data_and_nested_folders_are(scans: Path) -> None:
    (scans / "yes" / ".DS_Store").write_text("x")
    (scans / ".cache").mkdir()
    class_folders(scans / "yes", {".ipynb_checkpoints": 1, "patient-7": 2})

    assert labels_of(scans) == {"yes": 5, "no": 2}


def test_files_that_are_no_images_are_listed_to_be_skipped_later(scans: Path) -> None:
    (scans / "yes" / "Thumbs.db").write_text("x")

    assert labels_of(scans)["yes"] == 4


def test_the_folder_of_work_has_a_name_too(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scans)

    assert {sample.source for sample in load_samples([Path()], {}, keep_splits=False)} == {"scans"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: None, "no such folder or manifest"),
        (lambda root: root.mkdir(), "no images; expected one folder for each class"),
        (
            lambda root: (root / "yes").mkdir(parents=True),
            "yes: a folder of a class without",
        ),
        (lambda root: root.write_text("path,label\n"), "no images"),
    ],
)
def test_a_place_without_images(tmp_path: Path, make: object, message: str) -> None:
    root = tmp_path / "place"
    make(root)  # type: ignore[operator]

    with pytest.raises(DataError, match=message):
        load_samples([root], {}, keep_splits=False)


@pytest.mark.parametrize(
    ("counts", "labels", "message"),
    [
        ({}, (), r"0 class\(es\)"),
        ({"a": 9}, (), r"1 class\(es\) \['a'\]; at least two"),
        ({"a": 9, "b": 4}, (), "class 'b' has 4 usable images; at least 5"),
        ({"a": 9, "b": 9}, ("a", "b", "c"), "class 'c' has 0 usable images"),
    ],
)
def test_too_few_classes_or_images(counts: dict[str, int], labels: tuple[str, ...], message: str) -> None:
    samples = [sample(n, label) for label, count in counts.items() for n in range(count)]

    with pytest.raises(DataError, match=message):
        check_classes(samples, 5, labels)


def test_class_names_are_sorted() -> None:
    assert check_classes([sample(n, label) for label in "cab" for n in range(3)], 3) == ("a", "b", "c")
