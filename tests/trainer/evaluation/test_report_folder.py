"""The report as files: metrics.json, plots and one page that needs nothing else."""

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from service.classifier import Classifier
from tests.tiny_model import CLASSES, write_model
from tests.trainer.pictures import class_folders
from trainer.data.dataset import load_samples
from trainer.evaluation.gallery import confident_errors
from trainer.evaluation.outcomes import outcomes_of
from trainer.evaluation.predictions import Predictions, predict
from trainer.evaluation.report_folder import write_report
from trainer.evaluation.scores import evaluate

pytestmark = pytest.mark.usefixtures("few_resamples")
PLOTS = {"accuracy", "confusion", "reliability", "abstention", "prediction_sets", "roc", "precision_recall"}


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return Classifier(write_model(tmp_path_factory.mktemp("model") / "model.onnx"))


@pytest.fixture(scope="module")
def predictions(classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Predictions:
    folder = tmp_path_factory.mktemp("data")
    class_folders(folder / "one", dict.fromkeys(CLASSES, 6))
    class_folders(folder / "<b>two", {"glioma": 5, "pituitary": 3}, first=500)
    return predict(classifier, load_samples([folder / "one", folder / "<b>two"], {}, False), explain=True)


@pytest.fixture(scope="module")
def report(classifier: Classifier, predictions: Predictions, few_resamples: None) -> dict[str, Any]:
    report = evaluate(classifier.card, predictions)
    sections = ("overall", *report["sources"])
    report["controls"] = {name: dict.fromkeys(sections, 0.25) for name in ("majority", "header")}
    report["leaked"] = {"one": {"images": 9, "of_groups_seen_in_training": 7, "accuracy": 0.9876}}
    return report


@pytest.fixture(scope="module")
def folder(
    classifier: Classifier, predictions: Predictions, report: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(folder, classifier.card, classifier.sha256, predictions, report)
    return folder


class Addresses(HTMLParser):
    """Collects what a page loads or links to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]


def test_it_holds_the_figures_the_plots_and_the_page(folder: Path, report: dict[str, Any]) -> None:
    assert {path.name for path in folder.iterdir()} == {"metrics.json", "plots", "report.html"}
    assert {path.stem for path in (folder / "plots").iterdir()} == PLOTS
    assert json.loads((folder / "metrics.json").read_text("utf-8")) == report


def test_plots_are_small_pictures(folder: Path) -> None:
    for path in (folder / "plots").iterdir():
        with Image.open(path) as image:
            assert image.format == "PNG" and image.width <= 600
        assert path.stat().st_size < 100_000


def test_the_page_opens_offline(folder: Path) -> None:
    page = (folder / "report.html").read_text("utf-8")

    found = Addresses(page).found

    assert len(found) > len(PLOTS)
    assert all(address.startswith("data:image/png;base64,") for address in found)
    assert "@import" not in page and "url(" not in page and "<script" not in page


def test_the_page_says_what_it_is_for_and_what_the_scores_are_worth(folder: Path, classifier: Classifier) -> None:
    page = " ".join((folder / "report.html").read_text("utf-8").split())

    assert page.count("Research use only. Not for diagnostic use.") >= 2
    assert classifier.sha256 in page
    assert "no groups are given here" in page
    assert "Leaked, no measure of quality:</strong> 98.8 %" in page
    assert "control: header" in page
    assert "The file holds no temperature" in page


def test_names_from_the_data_are_escaped(folder: Path) -> None:
    page = (folder / "report.html").read_text("utf-8")

    assert "&lt;b&gt;two" in page and "<b>two" not in page


def test_the_page_shows_the_accuracy_and_recall_of_the_report(folder: Path, report: dict[str, Any]) -> None:
    page = (folder / "report.html").read_text("utf-8")

    assert f"<strong>{100 * report['overall']['accuracy']:.1f} %</strong>" in page
    for name, row in report["overall"]["per_class"].items():
        assert re.search(rf"<td>{name}</td><td>{row['images']}</td>.*\n.*<td>{100 * row['recall']:.1f} %</td>", page)


def test_the_gallery_holds_the_most_confident_errors_the_worst_first(
    classifier: Classifier, predictions: Predictions
) -> None:
    outcomes = outcomes_of(classifier.card, predictions)
    wrong = sorted(
        (r.probability for r, s in zip(predictions.results, predictions.samples, strict=True) if r.label != s.label),
        reverse=True,
    )

    cases = list(confident_errors(outcomes, count=5))

    assert [case.probability for case in cases] == wrong[:5]
    assert all(case.label != case.answer for case in cases)


def test_the_gallery_lays_the_heat_map_over_the_picture(classifier: Classifier, predictions: Predictions) -> None:
    import base64

    case = next(confident_errors(outcomes_of(classifier.card, predictions)))
    pictures = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))), int)
        for uri in (case.picture, case.overlay)
    ]

    assert np.ptp(pictures[0], axis=2).max() == 0
    assert np.ptp(pictures[1], axis=2).max() > 20


def test_a_failure_leaves_nothing_behind(
    classifier: Classifier, predictions: Predictions, report: dict[str, Any], tmp_path: Path
) -> None:
    broken = {key: value for key, value in report.items() if key != "skipped"}

    with pytest.raises(Exception, match="skipped"):
        write_report(tmp_path / "out", classifier.card, classifier.sha256, predictions, broken)

    assert not (tmp_path / "out").exists()
