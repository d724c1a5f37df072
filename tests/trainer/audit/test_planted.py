"""Counts are exact on a data set with one planted case of every kind."""

from pathlib import Path
from typing import Any

import pytest

from tests.trainer.audit.planted import BAD, COPIES, EXACT_CONFLICTS, PAIRS, UNIQUE, plant
from trainer.audit.auditing import Audit, audit
from trainer.audit.data_sets import load_data_sets
from trainer.audit.levels import Level
from trainer.audit.report import make_report
from trainer.cli import main
from trainer.data.manifest import read_manifest, write_manifest


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return plant(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def found(places: tuple[Path, Path]) -> Audit:
    return audit(load_data_sets(places, {}), Level.MIRRORED)


@pytest.fixture(scope="module")
def report(places: tuple[Path, Path], found: Audit) -> dict[str, Any]:
    return make_report(places, found)


@pytest.mark.parametrize("level", PAIRS)
def test_pairs_of_each_level_and_relation(report: dict[str, Any], level: str) -> None:
    entry = report["repeats"]["levels"][level]

    assert entry["pairs_by_relation"] == PAIRS[level]
    assert entry["pairs"] == PAIRS[level]["inside a class"] + PAIRS[level]["across classes"]
    assert entry["files_by_relation"] == {relation: 2 * pairs for relation, pairs in PAIRS[level].items()}


def test_every_pair_is_listed_with_what_it_joins(report: dict[str, Any]) -> None:
    pairs = report["repeats"]["pairs"]
    names = {tuple(sorted(Path(file).name for file in pair["files"])): pair for pair in pairs}

    assert len(pairs) == sum(sum(entry.values()) for entry in PAIRS.values())
    assert names["1.png", "pixels.bmp"]["level"] == "same pixels"
    assert names["original.png", "top-bottom.png"]["level"] == "near, mirrored or turned"
    leak = names["10.png", "from-Training-glioma-mirrored.png"]
    assert leak["splits"] == ["test", "train"] and leak["classes"] == ["glioma", "glioma"]


def test_files_in_repeats_and_groups(report: dict[str, Any]) -> None:
    pairs = sum(entry["inside a class"] + entry["across classes"] for entry in PAIRS.values())

    assert report["repeats"]["files_with_a_repeat"] == 2 * pairs
    assert report["repeats"]["groups"] == report["usable"] - pairs
    assert report["repeats"]["label_conflicts"] == 8


def test_leaks_of_each_split(report: dict[str, Any]) -> None:
    levels = dict.fromkeys(PAIRS, 1)

    assert report["leaks"] == {
        "test": {"files": 2 * UNIQUE + 4, "repeated": 4, "levels": levels},
        "train": {"files": 2 * UNIQUE + 10 + 4 + 1, "repeated": 4, "levels": levels},
    }


def test_files_that_cannot_be_used(report: dict[str, Any]) -> None:
    assert report["bad"] == BAD
    assert {Path(entry["file"]).name: entry["problem"] for entry in report["bad_files"]} == {
        "empty.png": "empty",
        "text.png": "unsupported",
        "truncated.png": "corrupt",
        "black.png": "blank",
    }
    assert [(Path(entry["file"]).name, entry["content"]) for entry in report["mislabelled"]] == [
        ("really-a-png.jpg", "PNG")
    ]


def test_counts_of_classes_splits_and_data_sets(report: dict[str, Any]) -> None:
    glioma = report["classes"]["glioma"]

    assert report["files"] == report["usable"] + 4
    assert glioma["splits"] == {"train": UNIQUE + 10, "test": UNIQUE + 4, "no split": UNIQUE}
    assert report["classes"]["no_tumor"]["files"] == report["classes"]["no_tumor"]["usable"] + 4
    assert report["data_sets"]["more"] == {"glioma": UNIQUE, "no_tumor": UNIQUE + 4}
    assert sum(report["formats"].values()) == report["usable"]
    assert report["formats"]["TIFF"] == 3 and report["formats"]["BMP"] == 1


def test_a_clean_manifest_has_neither_bad_nor_redundant_nor_contradictory_files(
    found: Audit, report: dict[str, Any], tmp_path: Path
) -> None:
    write_manifest(tmp_path / "clean.csv", found.clean_samples)
    again = audit(load_data_sets([tmp_path / "clean.csv"], {}), Level.MIRRORED)
    pairs = make_report([], again)["repeats"]["levels"]

    assert len(found.clean_samples) == report["usable"] - COPIES - EXACT_CONFLICTS
    assert len(report["clean"]["copies"]) == COPIES
    assert len(report["clean"]["contradictory"]) == EXACT_CONFLICTS
    assert {level: entry["pairs_by_relation"]["inside a class"] for level, entry in pairs.items()} == dict.fromkeys(
        PAIRS, 0
    )
    assert {level: entry["pairs_by_relation"]["across classes"] for level, entry in pairs.items()} == {
        "same bytes": 0,
        "same pixels": 0,
        "near": 1,
        "near, mirrored or turned": 1,
    }


def test_of_a_leak_the_held_out_file_is_kept(report: dict[str, Any]) -> None:
    copies = {Path(entry["file"]).parts[-3:]: Path(entry["copy_of"]).parts[-3] for entry in report["clean"]["copies"]}

    assert copies["Training", "glioma", "7.png"] == "Testing"


@pytest.mark.parametrize(("level", "copies"), [("bytes", 3), ("pixels", 6), ("near", 10), ("mirrored", 15)])
def test_the_level_of_the_clean_manifest_is_the_users(
    places: tuple[Path, Path], tmp_path: Path, level: str, copies: int
) -> None:
    out = tmp_path / "clean.csv"

    assert main(["audit", *map(str, places), "--clean", str(out), "--clean-level", level]) == 0

    usable = sum(1 for place in places for path in place.rglob("*") if path.is_file()) - sum(BAD.values())
    assert len(read_manifest(out)) == usable - copies - EXACT_CONFLICTS


def test_no_file_is_deleted_or_changed(places: tuple[Path, Path], tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for place in places for path in place.rglob("*")}

    assert main(["audit", *map(str, places), "--clean", str(tmp_path / "clean.csv")]) == 0

    assert {path: path.stat().st_mtime_ns for place in places for path in place.rglob("*")} == before
