"""A model file scored through the classes that serve it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.classifier import Classifier
from service.imaging import Limits
from tests.tiny_model import CLASSES, card, write_model
from tests.trainer.pictures import class_folders
from trainer.data.dataset import load_samples
from trainer.data.sample import Sample
from trainer.errors import DataError
from trainer.evaluation.predictions import predict
from trainer.evaluation.scores import evaluate
from trainer.evaluation.text_report import format_report

pytestmark = pytest.mark.usefixtures("few_resamples")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return Classifier(write_model(tmp_path_factory.mktemp("model") / "model.onnx"))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder = tmp_path_factory.mktemp("data")
    class_folders(folder / "one", dict.fromkeys(CLASSES, 10))
    class_folders(folder / "two", {"glioma": 5, "pituitary": 3}, first=500)
    return load_samples([folder / "one", folder / "two"], {}, keep_splits=False)


@pytest.fixture(scope="module")
def report(classifier: Classifier, samples: list[Sample], few_resamples: None) -> dict[str, Any]:
    return evaluate(classifier.card, predict(classifier, samples))


def test_figures_are_those_of_the_classifier_one_image_at_a_time(
    classifier: Classifier, samples: list[Sample], report: dict[str, Any]
) -> None:
    answers = [classifier.classify(classifier.open(s.path.read_bytes(), Limits())) for s in samples]
    hits = [answer.label == sample.label for answer, sample in zip(answers, samples, strict=True)]
    overall = report["overall"]
    assert overall["accuracy"] == pytest.approx(np.mean(hits))
    assert overall["uncertain_rate"] == pytest.approx(np.mean([a.decision == "uncertain" for a in answers]))
    assert overall["refused_as_novel"] == pytest.approx(np.mean([not a.in_distribution for a in answers]))
    assert overall["prediction_sets"]["mean_size"] == pytest.approx(np.mean([len(a.prediction_set) for a in answers]))
    assert overall["prediction_sets"]["coverage"] == pytest.approx(
        np.mean([sample.label in answer.prediction_set for answer, sample in zip(answers, samples, strict=True)])
    )
    assert overall["majority_control"] == pytest.approx(15 / 48)
    assert overall["tumour"]["sensitivity"] == pytest.approx(
        np.mean(
            [(a.tumor_probability or 0) >= 0.5 for a, s in zip(answers, samples, strict=True) if s.label != "no_tumor"]
        )
    )


def test_each_source_has_its_own_score(report: dict[str, Any]) -> None:
    one, two = report["sources"]["one"], report["sources"]["two"]
    assert (one["images"], two["images"], report["overall"]["images"]) == (40, 8, 48)
    right = one["accuracy"] * 40 + two["accuracy"] * 8
    assert report["overall"]["accuracy"] == pytest.approx(right / 48)
    assert two["tumour"] is None
    json.dumps(report, allow_nan=False)


def test_the_interval_is_over_groups(classifier: Classifier, samples: list[Sample]) -> None:
    grouped = [replace(one, group=f"p{n // 4}") for n, one in enumerate(samples)]

    assert evaluate(classifier.card, predict(classifier, grouped))["overall"]["groups"] == 12
    assert evaluate(classifier.card, predict(classifier, samples))["overall"]["groups"] == 48


def test_files_that_cannot_be_read_are_listed(classifier: Classifier, samples: list[Sample], tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    bad = [Sample(tmp_path / name, "glioma", "one") for name in ("bad.jpg", "gone.png")]

    report = evaluate(classifier.card, predict(classifier, [bad[0], *samples, bad[1]]))

    assert [skip["file"] for skip in report["skipped"]] == ["bad.jpg", "gone.png"]
    assert report["overall"]["images"] == len(samples)
    text = format_report(report)
    assert "2 file(s) skipped" in text and "bad.jpg" in text


def test_nothing_readable_is_an_error(classifier: Classifier, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none of the files can be decoded"):
        predict(classifier, [Sample(tmp_path / "gone.png", "glioma", "one")])


def test_a_label_that_the_model_does_not_know_names_the_remedy(classifier: Classifier, samples: list[Sample]) -> None:
    predictions = predict(classifier, [*samples, Sample(samples[0].path, "glioma_tumor", "one")])

    with pytest.raises(DataError, match=r"\['glioma_tumor'\].*--class-map"):
        evaluate(classifier.card, predictions)


def test_classes_that_are_not_about_tumours_have_no_tumour_score(samples: list[Sample], tmp_path: Path) -> None:
    classes = [{"name": name, "tumour": None, "concept": None} for name in CLASSES]
    plain = Classifier(write_model(tmp_path / "model.onnx", json.dumps(card(classes=classes))))

    report = evaluate(plain.card, predict(plain, samples))

    assert report["overall"]["tumour"] is None
    assert "tumour" not in format_report(report)


def test_the_readable_report_has_every_section(report: dict[str, Any]) -> None:
    text = format_report(report)

    for part in (
        "== all images: 48 images",
        "== source one",
        "== source two",
        "control: majority",
        "confusion",
        *CLASSES,
    ):
        assert part in text
