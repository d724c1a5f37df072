"""Labels that the outputs of a model contradict."""

from pathlib import Path

import numpy as np
import pytest

from service.classifier import Classifier
from tests.trainer.pictures import picture, write
from trainer.audit.data_sets import load_data_sets
from trainer.audit.label_errors import confident_disagreements, find_label_errors
from trainer.audit.survey import survey


def test_confident_disagreement_by_hand() -> None:
    """Thresholds are 0.7 (of 0.9, 0.8, 0.4) and 0.5 (of 0.6, 0.4)."""
    first = np.array([0.9, 0.8, 0.4, 0.4, 0.6])
    probabilities = np.stack([first, 1 - first], axis=1)
    given = np.array([0, 0, 0, 1, 1])

    assert list(confident_disagreements(probabilities, given)) == [(2, 1)]


def test_an_image_below_every_threshold_is_not_doubted() -> None:
    probabilities = np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9], [0.4, 0.35, 0.25]])

    assert list(confident_disagreements(probabilities, np.array([0, 1, 2, 2]))) == []


def half_bright(seed: int, bright: bool) -> np.ndarray:
    """Return faint noise, with a bright upper half or without: the tiny model answers by where an image is bright."""
    pixels = picture(seed, size=48) // 8
    pixels[:24] += 150 * np.uint8(bright)
    return pixels


def test_swapped_labels_are_found_and_no_others(tmp_path: Path, model_path: Path) -> None:
    for n in range(60):
        label = ("plain", "bright")[n % 2]
        write(tmp_path / label / f"{n}.png", half_bright(n, label == "bright"))
    write(tmp_path / "plain" / "wrong.png", half_bright(60, bright=True))
    write(tmp_path / "bright" / "wrong.png", half_bright(61, bright=False))
    seen = survey(load_data_sets([tmp_path], {}))

    errors = find_label_errors(seen, np.arange(62), Classifier(model_path))

    assert errors is not None
    found = {(seen.samples[s.row].label, seen.samples[s.row].path.name, s.suggested) for s in errors.suspects}
    assert found == {("plain", "wrong.png", "bright"), ("bright", "wrong.png", "plain")}
    assert errors.known_sources == []


@pytest.mark.parametrize("label", ["plain", "bright"])
def test_too_few_groups_are_no_ground_for_doubt(tmp_path: Path, model_path: Path, label: str) -> None:
    for other in ("plain", "bright"):
        for n in range(1 if other == label else 5):
            write(tmp_path / other / f"{n}.png", picture(n + 100 * len(other), 0))
    seen = survey(load_data_sets([tmp_path], {}))

    assert find_label_errors(seen, np.arange(6), Classifier(model_path)) is None
