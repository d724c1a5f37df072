"""The folds of several runs: drawn once, the same for all, refused where the folder holds others."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trainer.pictures import class_folders, picture, write
from trainer.config import TrainConfig, make_config
from trainer.errors import ConfigError, DataError
from trainer.fold_runs.folds import held_out, shared_folds

CONFIG = make_config({"class_map": {"glioma_tumor": "glioma"}})


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "scans", {"glioma_tumor": 12, "no_tumor": 12})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_image_is_tested_once_under_its_new_name(scans: Path, out: Path) -> None:
    manifests = shared_folds([scans], out, CONFIG, 3)

    tested = [sample for manifest in manifests for sample in held_out(manifest)]
    assert [manifest.relative_to(out).as_posix() for manifest in manifests] == [
        f"splits/fold-{n}.csv" for n in (1, 2, 3)
    ]
    assert sorted(sample.path.resolve() for sample in tested) == sorted(scans.resolve().rglob("*.png"))
    assert Counter(sample.label for sample in tested) == {"glioma": 12, "no_tumor": 12}


def test_without_folds_it_is_a_hold_out(scans: Path, out: Path) -> None:
    (manifest,) = shared_folds([scans], out, CONFIG, None)

    assert manifest == out / "splits" / "split.csv"
    assert 2 <= len(held_out(manifest)) <= 6


def test_the_folds_are_not_drawn_again(scans: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shared_folds([scans], out, CONFIG, 3)
    before = files(out)
    monkeypatch.delattr("trainer.fold_runs.folds.write_splits")

    assert shared_folds([scans], out, CONFIG, 3) == first
    assert files(out) == before


def more_images(scans: Path) -> None:
    write(scans / "no_tumor" / "99.png", picture(99))


@pytest.mark.parametrize(
    ("change", "values", "folds"),
    [
        (None, {}, 4),
        (None, {}, None),
        (None, {"seed": 1}, 3),
        (None, {"class_map": {}}, 3),
        (None, {"near_duplicates": 0.9}, 3),
        (more_images, {}, 3),
    ],
    ids=["folds", "a hold-out", "seed", "classes", "groups", "data"],
)
def test_a_folder_with_other_folds_is_refused(
    scans: Path, out: Path, change: Callable[[Path], None] | None, values: dict[str, object], folds: int | None
) -> None:
    shared_folds([scans], out, CONFIG, 3)
    before = files(out)
    if change:
        change(scans)
    config = make_config({"class_map": CONFIG.class_map, **values})

    with pytest.raises(ConfigError, match="out: holds runs on other data, folds or splits; choose another"):
        shared_folds([scans], out, config, folds)

    assert files(out) == before


def test_what_does_not_change_the_folds_may_change(scans: Path, out: Path) -> None:
    shared_folds([scans], out, CONFIG, 3)

    shared_folds([scans], out, make_config({"class_map": CONFIG.class_map, "tumour_classes": ["glioma"]}), 3)


def test_a_folder_with_something_else_is_left_alone(scans: Path, out: Path) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("chapter 1")

    with pytest.raises(FileExistsError, match="exists and is not empty"):
        shared_folds([scans], out, CONFIG, 3)

    assert files(out) == {"thesis.txt": b"chapter 1"}


@pytest.mark.parametrize(
    ("config", "folds", "error", "message"),
    [
        (CONFIG, 13, DataError, "24 images in 24 groups are too few for 13 folds; take fewer --folds"),
        (make_config({"min_images": 13}), 3, DataError, "has 12 usable images; at least 13 are needed"),
        (make_config({"tumour_classes": ["glioma"]}), 3, ConfigError, r"tumour_classes \['glioma'\] are no classes"),
    ],
)
def test_data_that_cannot_be_split_so_leaves_nothing_behind(
    scans: Path, out: Path, config: TrainConfig, folds: int, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        shared_folds([scans], out, config, folds)

    assert not out.exists()
    assert not list(out.parent.glob(".partial*"))


def test_an_interruption_leaves_nothing_behind(scans: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trainer.fold_runs.folds.write_json", interrupt)
    with pytest.raises(KeyboardInterrupt):
        shared_folds([scans], out, CONFIG, 3)

    assert [path.name for path in out.parent.iterdir()] == ["scans"]


def test_the_plan_says_what_was_split(scans: Path, out: Path) -> None:
    shared_folds([scans], out, CONFIG, 3)

    plan = json.loads((out / "plan.json").read_text())
    assert plan["data"] == [str(scans.resolve())] and plan["folds"] == 3
    assert plan["splits"]["class_map"] == {"glioma_tumor": "glioma"}
