"""Pooled figures recomputed from the model files; small models stand in for trained ones, one other for each fold."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import recall_score, roc_auc_score

from service.classifier import Classifier, Result
from service.imaging import Limits
from tests.tiny_model import CLASSES, card, write_model
from tests.trainer.pictures import class_folders, picture, write
from trainer.cli import main
from trainer.data.manifest import read_manifest, write_manifest
from trainer.data.sample import Sample
from trainer.evaluation.controls import decode_and_control
from trainer.fold_runs.run import Run

pytestmark = pytest.mark.usefixtures("few_resamples")

FOLDS = ("fold-1", "fold-2", "fold-3")
THRESHOLDS = (
    {"uncertain": 0.3, "conformal": 0.1},
    {"uncertain": 0.95, "conformal": 0.4},
    {"uncertain": 0.0, "conformal": 0},
)
OPTIONS = ("--size", "32", "--tumour-classes", "glioma,meningioma,pituitary", "--folds", "3")


def stand_in(trained: list[str]) -> Callable[[Sequence[Run], Path], None]:
    """Return what writes the files of a run instead of training it, and notes its fold in `trained`."""

    def finish(runs: Sequence[Run], _: Path) -> None:
        for number, run in enumerate(runs):
            if not run.finished:
                run.folder.mkdir(exist_ok=True)
                described = card(thresholds={"novelty": 1.0, **THRESHOLDS[number]})
                write_model(run.model, json.dumps(described), seed=number)
                (run.folder / "report.txt").touch()
                trained.append(run.folder.name)

    return finish


@dataclass(frozen=True)
class Answered:
    """An image with the answer of the file of the fold that tests it."""

    sample: Sample
    result: Result

    @property
    def right(self) -> bool:
        return self.sample.label == self.result.label


@dataclass(frozen=True)
class Validated:
    """A cross-validation of two sources: folders with a file that is no picture, and patients with tumour outlines."""

    root: Path
    trained: list[str]

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def arguments(self) -> list[str]:
        return ["cross-validate", str(self.root / "<b>one"), str(self.root / "two.csv"), "--out", str(self.out)]

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.out / "metrics.json").read_text("utf-8"), parse_constant=pytest.fail)

    def answered(self, *folds: str) -> list[Answered]:
        """Ask each fold's file, one image at a time, about the images that the fold tests."""
        found = []
        for fold in folds or FOLDS:
            classifier = Classifier(self.out / fold / "model.onnx")
            for sample in read_manifest(self.out / "splits" / f"{fold}.csv"):
                if sample.split == "test":
                    picture = classifier.open(sample.path.read_bytes(), Limits())
                    found.append(Answered(sample, classifier.classify(picture)))
        return found


def write_data(root: Path) -> None:
    folder = class_folders(root / "<b>one" / "Training", dict.fromkeys(CLASSES, 12))
    class_folders(root / "<b>one" / "Testing", dict.fromkeys(CLASSES, 3), first=100)
    (folder / "glioma" / "broken.png").write_bytes(b"no picture")
    outline = np.zeros((48, 48), np.uint8)
    outline[10:30, 20:40] = 255
    mask = write(root / "masks" / "mask.png", outline)
    samples = []
    for kind, label in ((0, "glioma"), (3, "pituitary")):
        for number in range(12):
            path = write(root / "two" / label / f"{number}.png", picture(9000 + 100 * kind + number, kind))
            samples.append(Sample(path, label, "two", f"{label}-{number // 2}", mask=mask))
    write_manifest(root / "two.csv", samples)


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory, few_resamples: None) -> Validated:
    root = tmp_path_factory.mktemp("crossvalidation")
    write_data(root)
    made = Validated(root, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.crossvalidation.crossvalidating.finish", stand_in(made.trained))
        assert main([*made.arguments, *OPTIONS]) == 0
    return made


def test_every_image_is_tested_once_by_the_fold_that_has_not_trained_on_its_group(validated: Validated) -> None:
    tested = [one.sample for one in validated.answered()]
    readable = [path for path in validated.root.glob("*/**/*.png") if path.parent.name in CLASSES]

    assert Counter(one.path.resolve() for one in tested) == Counter(
        path.resolve() for path in readable if path.name != "broken.png" and "out" not in path.parts
    )
    assert validated.report["overall"]["images"] == len(tested) == 4 * 15 + 24
    for fold in FOLDS:
        drawn = read_manifest(validated.out / "splits" / f"{fold}.csv")
        groups = {split: {one.group for one in drawn if one.split == split} for split in ("train", "test")}
        assert groups["train"] and not groups["train"] & groups["test"]


def test_pooled_scores_are_those_of_all_answers_together(validated: Validated) -> None:
    overall, answered = validated.report["overall"], validated.answered()
    labels, said = ([one.sample.label for one in answered], [one.result.label for one in answered])

    assert 0 < overall["accuracy"] < 1
    assert overall["accuracy"] == pytest.approx(np.mean([one.right for one in answered]))
    assert overall["groups"] == len({one.sample.group for one in answered}) == 4 * 15 + 12
    assert [row["recall"] for row in overall["per_class"].values()] == pytest.approx(
        recall_score(labels, said, labels=CLASSES, average=None, zero_division=0)
    )
    assert overall["tumour"]["auroc"] == pytest.approx(
        roc_auc_score([label != "no_tumor" for label in labels], [one.result.tumor_probability for one in answered])
    )
    assert overall["refused_as_novel"] == pytest.approx(np.mean([not one.result.in_distribution for one in answered]))


def test_each_answer_follows_the_thresholds_of_its_own_file(validated: Validated) -> None:
    overall, answered = validated.report["overall"], validated.answered()
    uncertain = [np.mean([one.result.decision == "uncertain" for one in validated.answered(fold)]) for fold in FOLDS]

    assert uncertain[2] == 0 < uncertain[1]
    assert overall["uncertain_rate"] == pytest.approx(np.mean([one.result.decision == "uncertain" for one in answered]))
    assert overall["prediction_sets"]["coverage"] == pytest.approx(
        np.mean([one.sample.label in one.result.prediction_set for one in answered])
    )


def test_each_source_has_its_own_scores_and_controls(validated: Validated) -> None:
    report = validated.report

    for source, scores in report["sources"].items():
        own = [one for one in validated.answered() if one.sample.source == source]
        assert scores["images"] == len(own)
        assert scores["accuracy"] == pytest.approx(np.mean([one.right for one in own]))
    assert report["controls"].keys() == {"majority", "header", "intensity", "nearest-thumbnail"}
    for control in report["controls"].values():
        assert control.keys() == {"overall", "<b>one", "two"}
    assert report["controls"]["majority"]["two"] == 0.5
    assert report["controls"]["majority"]["overall"] == pytest.approx((15 + 12) / 84)


def test_controls_are_pooled_over_the_folds_they_are_fitted_in(validated: Validated) -> None:
    right = dict.fromkeys(("header", "intensity", "nearest-thumbnail"), 0.0)
    for fold in FOLDS:
        drawn = read_manifest(validated.out / "splits" / f"{fold}.csv")
        train, test = ([one for one in drawn if one.split == split] for split in ("train", "test"))
        spec = Classifier(validated.out / fold / "model.onnx").card.preprocess
        of_fold = decode_and_control({"overall": {"majority_control": 0}, "sources": {}}, train, test, spec)
        for name in right:
            right[name] += of_fold[name]["overall"] * len(test)

    for name, count in right.items():
        assert validated.report["controls"][name]["overall"] == pytest.approx(count / 84)


def test_there_is_a_row_for_each_fold(validated: Validated) -> None:
    rows = validated.report["folds"]

    assert list(rows) == list(FOLDS)
    assert sum(row["images"] for row in rows.values()) == 84
    for fold, row in rows.items():
        own = validated.answered(fold)
        assert (row["images"], row["groups"]) == (len(own), len({one.sample.group for one in own}))
        assert row["accuracy"] == pytest.approx(np.mean([one.right for one in own]))
        assert row["accuracy_95ci"][0] <= row["accuracy"] <= row["accuracy_95ci"][1]
        assert row["model_sha256"] == Classifier(validated.out / fold / "model.onnx").sha256
    assert len({row["model_sha256"] for row in rows.values()}) == 3


def test_outlines_are_played_against_the_heat_maps_of_all_folds(validated: Validated) -> None:
    assert validated.report["overall"]["localisation"]["all_with_a_mask"]["images"] == 24
    assert validated.report["sources"]["<b>one"]["localisation"] is None


def test_there_is_no_leaked_score_and_no_calibration_before_a_temperature(validated: Validated) -> None:
    calibration = validated.report["overall"]["calibration"]

    assert "leaked" not in validated.report
    assert calibration["before"] is None and calibration["temperature"] is None
    assert 0 <= calibration["after"]["ece"] <= 1


def test_a_file_in_no_fold_is_listed(validated: Validated) -> None:
    assert [skip["file"] for skip in validated.report["skipped"]] == ["broken.png"]
    assert "broken.png" in (validated.out / "report.txt").read_text("utf-8")


def test_the_text_says_that_it_is_pooled_and_what_each_fold_reached(validated: Validated) -> None:
    lines = (validated.out / "report.txt").read_text("utf-8").splitlines()
    row = validated.report["folds"]["fold-2"]

    assert lines[0] == "== pooled over 3 models, one for each fold: no single file has these scores"
    assert lines[2].startswith(
        f"fold-2: {row['images']} images in {row['groups']} groups, accuracy {100 * row['accuracy']:.1f}% (95 % "
    )
    assert "== all images: 84 images in 72 groups" in lines
    assert any(line.startswith("control: nearest-thumbnail ") for line in lines)


class Text(HTMLParser):
    """The text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.found += " ".join(data.split()) + " "


def test_the_page_says_the_same(validated: Validated) -> None:
    page = (validated.out / "report.html").read_text("utf-8")
    text = Text(page).found

    assert "cross-validation on 84 images" in text
    assert "Pooled over 3 model files, one for each fold" in text and "No single file has these scores." in text
    assert "Model file sha256" not in text and "None" not in text
    for name, row in validated.report["folds"].items():
        assert name in text and row["model_sha256"] in text and f"{100 * row['accuracy']:.1f} %" in text
    assert 'there is no common "before"' in text and "Leaked" not in text
    assert "<b>one" in text and "<b>one" not in page


def test_the_folder_holds_the_report_beside_the_folds(validated: Validated) -> None:
    names = {path.name for path in validated.out.iterdir()}

    assert names == {*FOLDS, "splits", "plan.json", "metrics.json", "plots", "report.html", "report.txt"}
    assert {"accuracy.png", "localisation.png", "roc.png"} <= {
        path.name for path in (validated.out / "plots").iterdir()
    }


def test_a_fold_without_its_last_file_is_trained_again_alone(
    validated: Validated, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []
    monkeypatch.setattr("trainer.crossvalidation.crossvalidating.finish", stand_in(again))
    before = validated.report
    assert validated.trained == list(FOLDS)

    assert main([*validated.arguments, *OPTIONS]) == 0
    assert again == []

    (validated.out / "fold-2" / "report.txt").unlink()
    assert main([*validated.arguments, *OPTIONS]) == 0
    assert again == ["fold-2"]
    assert validated.report == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--folds", "4"), "out: holds runs on other data, folds or splits; choose another --out"),
        (("--seed", "1"), "out: holds runs on other data, folds or splits"),
        (("--class-map", "pituitary=glioma"), "are no classes of the data"),
        (("--tumour-classes", "glioma"), "fold-1: holds a model with other tumour classes; give --tumour-classes "),
        (("--tumour-classes", ""), "--tumour-classes 'glioma,meningioma,pituitary', or remove the folder"),
    ],
)
def test_a_folder_with_something_else_is_refused_before_anything_is_trained(
    validated: Validated,
    options: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trainer.crossvalidation.crossvalidating.finish", None)
    before = validated.report

    assert main([*validated.arguments, *OPTIONS, *options]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("trainer: ") and message in line
    assert validated.report == before


def test_a_damaged_model_file_is_named(validated: Validated, capsys: pytest.CaptureFixture[str]) -> None:
    path = validated.out / "fold-3" / "model.onnx"
    content = path.read_bytes()
    path.write_bytes(content[:100])
    try:
        assert main([*validated.arguments, *OPTIONS]) == 2
    finally:
        path.write_bytes(content)

    (line,) = capsys.readouterr().err.splitlines()
    assert "fold-3/model.onnx: not an ONNX model" in line and "Remove the folder of that run" in line
