"""Controls that do not look at the anatomy."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.service.imaging.dicom.objects import dicom
from tests.trainer.pictures import picture, write
from trainer.data.sample import Sample
from trainer.evaluation.shortcuts import control_predictions

TRAIN, TEST = range(60), range(60, 100)


def accuracy(samples: list[Sample], pixels: np.ndarray) -> dict[str, float]:
    answers = control_predictions(samples, pixels, TRAIN, TEST)
    truth = np.array([samples[row].label for row in TEST])
    return {name: float((np.array(labels) == truth).mean()) for name, labels in answers.items()}


def make(folder: Path, size_of_b: int, kind_of_b: int = 0, suffix: str = ".bmp") -> tuple[list[Sample], np.ndarray]:
    """Return 50 images of each of two classes, which differ in size or in content as asked for."""
    samples, pixels = [], []
    for number in range(100):
        label = "ab"[number % 2]
        seen = picture(number, kind_of_b if label == "b" else 0, size=40)
        path = write(folder / f"{number}{suffix}", np.resize(seen, (40, size_of_b if label == "b" else 40)))
        samples.append(Sample(path, label, "s"))
        pixels.append(seen[..., None])
    return samples, np.stack(pixels)


def test_the_header_control_finds_a_class_that_has_its_own_size(tmp_path: Path) -> None:
    scores = accuracy(*make(tmp_path, size_of_b=44))

    assert scores["header"] == 1.0


def test_without_a_shortcut_the_header_control_guesses(tmp_path: Path) -> None:
    scores = accuracy(*make(tmp_path, size_of_b=40, kind_of_b=3))

    assert scores["header"] == 0.5
    assert scores["nearest-thumbnail"] > 0.9


def test_the_intensity_control_finds_a_class_that_is_brighter(tmp_path: Path) -> None:
    scores = accuracy(*make(tmp_path, size_of_b=40, kind_of_b=2))

    assert scores["intensity"] > 0.9


def test_the_thumbnail_control_guesses_on_noise(tmp_path: Path) -> None:
    scores = accuracy(*make(tmp_path, size_of_b=40))

    assert scores["nearest-thumbnail"] == pytest.approx(0.5, abs=0.25)


def test_the_header_control_sees_the_size_of_dicom_objects(tmp_path: Path) -> None:
    samples, seen = make(tmp_path, size_of_b=52, suffix=".png")
    objects = []
    for sample in samples:
        path = sample.path.with_suffix(".dcm")
        path.write_bytes(dicom(np.asarray(Image.open(sample.path).convert("L"))))
        objects.append(replace(sample, path=path))

    assert accuracy(objects, seen)["header"] == 1.0


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".tif"])
def test_every_format_has_a_header(tmp_path: Path, suffix: str) -> None:
    answers = control_predictions(*make(tmp_path, 40, suffix=suffix), TRAIN, TEST)

    assert {name: len(labels) for name, labels in answers.items()} == {
        "header": 40,
        "intensity": 40,
        "nearest-thumbnail": 40,
    }
