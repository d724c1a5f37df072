"""The int8 twin of a run's model file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.classifier import Classifier
from tests.tiny_model import CLASSES
from tests.trainer.conv_model import write_conv_model
from tests.trainer.pictures import class_folders
from trainer.data.dataset import load_samples
from trainer.data.sample import Sample
from trainer.errors import DataError, ExportError
from trainer.export.int8 import export_int8

SPLITS = ("train", "train", "validation", "test")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_conv_model(tmp_path_factory.mktemp("model") / "model.onnx")


@pytest.fixture(scope="module")
def samples(source: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Pictures that are labelled as the float model answers them, so that its scores are perfect."""
    folder = class_folders(tmp_path_factory.mktemp("data"), dict.fromkeys(CLASSES, 8))
    classifier = Classifier(source)
    found = load_samples([folder], {}, False)
    answers = [classifier.classify(classifier.open(s.path.read_bytes(), _limits())).label for s in found]
    return [replace(s, label=a, split=SPLITS[n % 4]) for n, (s, a) in enumerate(zip(found, answers, strict=True))]


def _limits():  # type: ignore[no-untyped-def]
    from service.imaging import Limits

    return Limits()


def test_the_service_loads_the_twin_and_its_card_says_what_it_is(
    source: Path, samples: list[Sample], tmp_path: Path
) -> None:
    figures = export_int8(source, samples, tmp_path / "int8.onnx")

    card = Classifier(tmp_path / "int8.onnx").card
    assert "static QDQ int8" in card.backbone
    assert card.metrics["int8_gate"] == figures
    assert card.metrics.keys() == {"int8_gate", "float32_test"}
    assert card.thresholds == Classifier(source).card.thresholds
    assert figures["images"] == 16
    assert figures["float32"]["macro_f1"] == 1.0


def test_the_gate_is_measured_on_images_that_training_has_not_seen(
    source: Path, samples: list[Sample], tmp_path: Path
) -> None:
    wrong = [replace(s, label=CLASSES[(CLASSES.index(s.label) + 1) % 4]) if s.split == "train" else s for s in samples]

    assert export_int8(source, wrong, tmp_path / "int8.onnx")["float32"]["macro_f1"] == 1.0


def test_a_twin_that_breaks_the_gate_is_not_written(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.export.int8_gate.MACRO_F1_FALL", -0.1)

    with pytest.raises(
        ExportError, match=r"not written.*16 held-out images.*first 10 % .*macro-F1 100.0 -> .*first 50 %"
    ):
        export_int8(source, samples, tmp_path / "int8.onnx")

    assert list(tmp_path.iterdir()) == []


def test_a_missing_split_names_the_remedy(source: Path, samples: list[Sample], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no image of split 'test'; give --data the split\.csv of the run"):
        export_int8(source, [s for s in samples if s.split != "test"], tmp_path / "int8.onnx")


def test_calibration_uses_training_images_alone(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []
    from trainer.export import int8

    original = int8.quantize
    monkeypatch.setattr(int8, "quantize", lambda s, images, share: seen.append(images) or original(s, images, share))

    export_int8(source, samples, tmp_path / "int8.onnx")

    assert {len(images) for images in seen} == {16}
