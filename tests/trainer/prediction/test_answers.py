"""What is said of a file, whatever it holds."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from service.classifier import Classifier, Result
from service.imaging import Limits, Picture
from tests import pictures
from tests.service.imaging.nifti.volumes import nifti
from tests.tiny_model import write_model
from trainer.prediction.answers import answer


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return Classifier(write_model(tmp_path_factory.mktemp("model") / "model.onnx"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_a_picture_gets_the_result_of_the_classifier_with_the_warnings_of_the_service(
    classifier: Classifier, file: Path
) -> None:
    file.write_bytes(pictures.encode(pictures.dark(20, 24)))

    one = answer(classifier, file, refuse_novel=True)

    assert one.result == classifier.classify(classifier.open(file.read_bytes(), Limits()))
    assert one.result is not None and one.novelty == one.result.novelty
    assert one.warnings == ("low-resolution: 20 x 24 pixels; the model expects at least 32 x 32",)
    assert (one.refusal, one.detail) == ("", "")


def test_of_several_frames_the_first_is_classified_and_that_is_said(classifier: Classifier, file: Path) -> None:
    file.write_bytes(nifti(np.stack([pictures.dark(seed=seed) for seed in range(3)], -1)))

    one = answer(classifier, file, refuse_novel=True)

    assert one.picture is not None and one.picture.frame == 0
    assert one.warnings == ("multiple-frames: The file holds 3 frames; only the first was classified",)


@pytest.mark.parametrize(
    ("data", "refusal", "decoded"),
    [
        (b"", "unreadable-image", False),
        (b"notes", "unsupported-format", False),
        (pictures.truncated_jpeg(), "unreadable-image", False),
        (pictures.oversized_png(), "too-many-pixels", False),
        (pictures.encode(pictures.blank()), "blank-image", True),
        (pictures.encode(pictures.bright()), "out-of-distribution", True),
    ],
)
def test_what_the_service_refuses_is_refused_with_its_reason(
    classifier: Classifier, file: Path, data: bytes, refusal: str, decoded: bool
) -> None:
    file.write_bytes(data)

    one = answer(classifier, file, refuse_novel=True)

    assert (one.result, one.refusal, one.picture is not None) == (None, refusal, decoded)
    assert one.detail


def test_a_novel_picture_is_answered_with_a_warning_where_that_is_asked_for(classifier: Classifier, file: Path) -> None:
    file.write_bytes(pictures.encode(pictures.bright()))

    refused, warned = (answer(classifier, file, refuse_novel) for refuse_novel in (True, False))

    assert refused.result is None and warned.result is not None
    assert refused.novelty == warned.novelty == pytest.approx(2.686, abs=1e-3)
    assert any(warning.startswith("out-of-distribution: ") for warning in warned.warnings)


def test_a_file_that_is_gone_or_too_large_is_refused(
    classifier: Classifier, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = answer(classifier, file, refuse_novel=True)

    def exhaust(_: Path) -> bytes:
        raise MemoryError

    monkeypatch.setattr(Path, "read_bytes", exhaust)
    large = answer(classifier, file, refuse_novel=True)

    assert (gone.refusal, gone.detail) == ("unreadable-file", "No such file or directory")
    assert (large.refusal, large.detail) == ("unreadable-file", "it is larger than the memory")


class Broken(Classifier):
    def classify(self, picture: Picture, explain: bool = False) -> Result:
        return dataclasses.replace(super().classify(picture, explain), novelty=math.nan)


def test_a_value_that_is_no_number_is_never_passed_on(file: Path, model_path: Path) -> None:
    file.write_bytes(pictures.good_png())

    assert answer(Broken(model_path), file, refuse_novel=True).refusal == "not-finite"
