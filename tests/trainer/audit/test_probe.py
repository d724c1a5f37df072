"""The probe sees a shortcut where there is one, and chance where there is none."""

from pathlib import Path

import numpy as np

from tests.trainer.pictures import picture, write
from trainer.audit.data_sets import load_data_sets
from trainer.audit.folds import grouped_folds
from trainer.audit.probe import Probe, probe
from trainer.audit.survey import survey

IMAGES = 20


def probed(root: Path, width_of_b: int, gain_of_b: float = 1.0) -> Probe:
    for kind, label in enumerate("ab"):
        for n in range(IMAGES):
            pixels = np.resize(picture(100 * kind + n, size=40), (40, width_of_b if kind else 40))
            write(root / label / f"{n}.bmp", (pixels * (gain_of_b if kind else 1.0)).astype(np.uint8))
    seen = survey(load_data_sets([root], {}))
    result = probe(seen, np.arange(2 * IMAGES))
    assert result is not None
    return result


def test_a_class_of_its_own_size_is_a_shortcut(tmp_path: Path) -> None:
    result = probed(tmp_path, width_of_b=44)

    assert result.scores["header"].accuracy == 1.0
    assert result.scores["majority"].balanced_accuracy == 0.5
    assert (result.folds, result.groups) == (5, 40)


def test_without_a_shortcut_the_header_tells_no_more_than_the_majority(tmp_path: Path) -> None:
    result = probed(tmp_path, width_of_b=40)

    assert result.scores["header"].accuracy == result.scores["majority"].accuracy == 0.5


def test_a_brighter_class_is_a_shortcut(tmp_path: Path) -> None:
    assert probed(tmp_path, width_of_b=40, gain_of_b=1.5).scores["intensity"].accuracy > 0.9


def test_folds_hold_whole_groups_and_each_row_once() -> None:
    labels = ["a", "b"] * 20
    groups = np.repeat(np.arange(10), 4)

    folds = grouped_folds(labels, groups)

    assert len(folds) == 5
    assert sorted(row for _, test in folds for row in test) == list(range(40))
    assert all(not set(groups[train]) & set(groups[test]) for train, test in folds)


def test_a_class_with_a_single_group_has_no_folds() -> None:
    assert grouped_folds(["a", "a", "b", "b"], np.array([0, 0, 1, 2])) == []
