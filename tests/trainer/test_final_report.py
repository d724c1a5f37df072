"""The exported file scored beside what puts the score into proportion."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.classifier import Classifier
from service.model_file import load_model_file
from tests.tiny_model import CLASSES, card, write_model
from tests.trainer.pictures import class_folders, images_of
from trainer.data.dataset import load_samples
from trainer.data.sample import Sample
from trainer.evaluation.predictions import predict
from trainer.evaluation.scores import evaluate
from trainer.final_report import final_report
from trainer.preparation import Prepared

SPLITS = ("train", "validation", "test", "excluded")
pytestmark = pytest.mark.usefixtures("few_resamples")


@dataclass(frozen=True)
class Reported:
    """A report and the folder it was written to."""

    out: Path
    samples: list[Sample]
    report: dict[str, Any]


def make_report(folder: Path, keep_splits: bool) -> Reported:
    """Report on a set with a test folder of its own, pooled or kept, and on one without."""
    class_folders(folder / "one" / "Training", dict.fromkeys(CLASSES, 8))
    class_folders(folder / "one" / "Testing", dict.fromkeys(CLASSES, 4), first=100)
    class_folders(folder / "two", {"glioma": 8, "no_tumor": 8}, first=500)
    samples = load_samples([folder / "one", folder / "two"], {}, keep_splits)
    samples = [replace(s, group=f"g{n}", split=s.split or SPLITS[n % 4]) for n, s in enumerate(samples)]
    pixels = np.random.default_rng(0).integers(0, 255, (len(samples), 32, 32, 1), dtype=np.uint8)
    model = write_model(folder / "model.onnx", json.dumps(card(command="train 'a | b'")))
    report = final_report(folder, model, Prepared(images_of(samples, pixels), samples, CLASSES))
    return Reported(folder, samples, report)


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory, few_resamples: None) -> Reported:
    return make_report(tmp_path_factory.mktemp("pooled"), keep_splits=False)


def test_scores_are_those_of_the_test_split_alone(reported: Reported) -> None:
    classifier = Classifier(reported.out / "model.onnx")
    test = [sample for sample in reported.samples if sample.split == "test"]

    expected = evaluate(classifier.card, predict(classifier, test))

    assert reported.report["overall"] == expected["overall"]
    assert reported.report["sources"] == expected["sources"]


def test_controls_stand_beside_every_score(reported: Reported) -> None:
    for scores in reported.report["controls"].values():
        assert scores.keys() == {"overall", *reported.report["sources"]}
        assert all(0 <= value <= 1 for value in scores.values())


def test_the_majority_control_is_the_best_constant_answer_for_the_test_images(reported: Reported) -> None:
    for source, score in reported.report["controls"]["majority"].items():
        labels = [s.label for s in reported.samples if s.split == "test" and source in ("overall", s.source)]

        assert score == max(labels.count(name) for name in CLASSES) / len(labels)


def test_the_leaked_score_says_what_training_has_seen(reported: Reported) -> None:
    testing = [sample for sample in reported.samples if sample.folder_split == "test"]
    seen = sum(sample.split in ("train", "validation") for sample in testing)

    assert reported.report["leaked"].keys() == {"one"}
    assert reported.report["leaked"]["one"]["images"] == len(testing) == 16
    assert reported.report["leaked"]["one"]["of_groups_seen_in_training"] == seen > 0


def test_a_test_folder_that_was_held_out_is_no_leak(tmp_path: Path) -> None:
    kept = make_report(tmp_path, keep_splits=True)

    assert kept.report["leaked"] == {}
    assert "Leaked" not in (tmp_path / "MODEL_CARD.md").read_text("utf-8")


def test_files_are_written_and_the_card_of_the_model_has_the_scores(reported: Reported) -> None:
    metrics = json.loads((reported.out / "metrics.json").read_text("utf-8"))
    loaded = load_model_file(reported.out / "model.onnx").card

    assert metrics == reported.report
    assert loaded.metrics["test"]["overall"]["accuracy"] == metrics["overall"]["accuracy"]  # type: ignore[index, call-overload]
    assert set(loaded.metrics["test"]) == {"overall", "one", "two"}  # type: ignore[arg-type]
    assert "== all images" in (reported.out / "report.txt").read_text("utf-8")
    assert not list(reported.out.glob(".partial*"))


def test_the_graph_stays_as_it_was(reported: Reported, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (3, 32, 32, 1), dtype=np.uint8)
    before = Classifier(write_model(tmp_path / "before.onnx")).score(pixels, explain=True)
    after = Classifier(reported.out / "model.onnx").score(pixels, explain=True)

    assert np.array_equal(before.probabilities, after.probabilities)


def test_the_model_card_has_a_row_for_every_source_class_and_control(reported: Reported) -> None:
    text = (reported.out / "MODEL_CARD.md").read_text("utf-8")

    for part in ("| all |", "| one |", "| two |", "| majority |", "| header |", "| nearest-thumbnail |"):
        assert part in text
    assert "**Leaked score, no measure of quality:**" in text
    assert all(f"| {name} |" in text for name in CLASSES)
    assert "nan" not in text.lower().replace("maintenance", "")
