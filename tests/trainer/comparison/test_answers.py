"""Answers of several networks paired image by image."""

from pathlib import Path

import pytest

from tests.trainer.fold_runs.made import two_folds
from trainer.comparison.answers import pair_answers
from trainer.errors import DataError


@pytest.fixture
def manifests(tmp_path: Path) -> list[Path]:
    return two_folds(tmp_path)


def say(manifests: list[Path], label: str, but: str = "") -> dict[Path, str]:
    """Answer `label` to every picture, except to those of the name `but`."""
    folder = manifests[0].parent / "scans"
    return {path: label for path in folder.rglob("*.png") if path.name != but}


def test_images_of_all_folds_are_pooled(manifests: list[Path]) -> None:
    paired = pair_answers(manifests, {"a": say(manifests, "glioma")}, {"header": say(manifests, "no_tumor")})

    assert paired.classes == ("glioma", "no_tumor")
    assert paired.truth.tolist() == [0] * 4 + [1] * 2 + [0] * 4 + [1] * 2
    assert paired.folds == ["fold-1"] * 6 + ["fold-2"] * 6
    assert len(set(paired.groups)) == 12
    assert paired.networks["a"].tolist() == [0] * 12 and paired.controls["header"].tolist() == [1] * 12
    assert paired.left_out == []


def test_majority_is_the_most_frequent_class_of_the_tested_images(manifests: list[Path]) -> None:
    paired = pair_answers(manifests, {"a": say(manifests, "no_tumor")}, {})

    assert list(paired.controls) == ["majority"] and paired.controls["majority"].tolist() == [0] * 12


@pytest.mark.parametrize("role", ["network", "control"])
def test_what_one_of_them_cannot_read_counts_for_none(manifests: list[Path], role: str) -> None:
    whole, partly = say(manifests, "glioma"), say(manifests, "glioma", but="3.png")
    networks = {"a": whole, "b": partly if role == "network" else whole}

    paired = pair_answers(manifests, networks, {"header": partly if role == "control" else whole})

    assert [path.name for path in paired.left_out] == ["3.png", "3.png"]
    assert len(paired.samples) == len(paired.truth) == len(paired.networks["a"]) == len(paired.folds) == 10


def test_nothing_in_common_is_an_error(manifests: list[Path]) -> None:
    with pytest.raises(DataError, match="no image that every network answers to"):
        pair_answers(manifests, {"a": say(manifests, "glioma"), "b": {}}, {})
