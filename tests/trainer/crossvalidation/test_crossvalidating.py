"""`trainer cross-validate` as a user runs it, with trained networks: interrupted, resumed, repeated."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.classifier import Classifier
from service.imaging import Limits
from tests.trainer.pictures import class_folders
from trainer.cli import main
from trainer.data.manifest import read_manifest

pytestmark = pytest.mark.usefixtures("few_resamples", "tiny_backbone")

EACH = 14
FOLDS = ("fold-1", "fold-2")
TINY = (
    *("--backbone", "tiny", "--weights", "none", "--size", "32", "--head", "4", "--batch-size", "8"),
    *("--frozen-epochs", "1", "--fine-tune-epochs", "1"),
)


@dataclass(frozen=True)
class Validated:
    """The folder of a cross-validation that was interrupted in its second fold and then finished."""

    root: Path
    interrupted: int
    at_interruption: dict[str, int]

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.out / "metrics.json").read_text("utf-8"), parse_constant=pytest.fail)

    def run(self, *options: str) -> int:
        places = (str(self.root / "scans"), "--out", str(self.out), "--folds", "2")
        return main(["cross-validate", *places, *TINY, "--class-map", "no=no_tumor", *options])

    def models(self) -> dict[str, int]:
        """Return when each model file was written."""
        return {path.parent.name: path.stat().st_mtime_ns for path in self.out.rglob("model.onnx")}


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory, few_resamples: None, tiny_backbone: str) -> Iterator[Validated]:
    from trainer.training import train

    root = tmp_path_factory.mktemp("crossvalidation")
    class_folders(root / "scans", {"glioma": EACH, "no": EACH})
    first = Validated(root, 0, {})
    done = []

    def interrupt_the_second(*arguments: Any) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append(train(*arguments))
        return done[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.training.train", interrupt_the_second)
        code = first.run()
    models = first.models()
    assert not (first.out / "metrics.json").exists()
    assert first.run() == 0
    yield Validated(root, code, models)


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a finished fold is trained again")

    monkeypatch.setattr("trainer.training.train", refuse)


def test_an_interruption_keeps_the_finished_fold(validated: Validated) -> None:
    assert validated.interrupted == 130
    assert validated.at_interruption.keys() == {"fold-1"}
    assert validated.models().items() > validated.at_interruption.items()
    assert validated.models().keys() == set(FOLDS)


def test_each_fold_is_an_ordinary_run_and_nothing_else_is_left(validated: Validated) -> None:
    names = {path.name for path in validated.out.iterdir()}
    run = {path.name for path in (validated.out / "fold-2").iterdir()}

    assert names == {*FOLDS, "splits", "plan.json", "metrics.json", "plots", "report.html", "report.txt"}
    assert {"model.onnx", "MODEL_CARD.md", "metrics.json", "report.html", "report.txt", "split.csv", "fit"} <= run


def test_each_image_is_tested_once_and_by_a_network_that_was_not_trained_on_its_group(validated: Validated) -> None:
    tested: list[Path] = []
    for fold in FOLDS:
        used = read_manifest(validated.out / fold / "split.csv")
        drawn = read_manifest(validated.out / "splits" / f"{fold}.csv")
        assert {one.path.resolve(): one.split for one in used} == {one.path.resolve(): one.split for one in drawn}
        groups = {split: {one.group for one in used if one.split == split} for split in ("train", "validation", "test")}
        assert not groups["test"] & (groups["train"] | groups["validation"])
        tested += [one.path.resolve() for one in used if one.split == "test"]
    assert Counter(tested) == Counter(dict.fromkeys((validated.root / "scans").resolve().rglob("*.png"), 1))


def test_the_scores_are_those_of_the_exported_files(validated: Validated) -> None:
    right = []
    for fold in FOLDS:
        classifier = Classifier(validated.out / fold / "model.onnx")
        own = [one for one in read_manifest(validated.out / fold / "split.csv") if one.split == "test"]
        hits = [classifier.classify(classifier.open(one.path.read_bytes(), Limits())).label == one.label for one in own]
        assert validated.report["folds"][fold]["accuracy"] == pytest.approx(np.mean(hits))
        right += hits

    assert len(right) == validated.report["overall"]["images"] == 2 * EACH
    assert validated.report["overall"]["accuracy"] == pytest.approx(np.mean(right))


def test_the_row_of_a_fold_is_what_its_own_report_says(validated: Validated) -> None:
    for fold, row in validated.report["folds"].items():
        own = json.loads((validated.out / fold / "metrics.json").read_text("utf-8"))["overall"]

        assert {key: own[key] for key in ("images", "groups", "accuracy")} == pytest.approx(
            {key: row[key] for key in ("images", "groups", "accuracy")}
        )


def test_the_report_has_all_that_a_training_reports_but_what_has_no_sense(validated: Validated) -> None:
    own = json.loads((validated.out / "fold-1" / "metrics.json").read_text("utf-8"))

    assert own.keys() - validated.report.keys() == {"leaked", "skipped_before_split"}
    assert validated.report.keys() - own.keys() == {"folds"}
    assert own["controls"].keys() == validated.report["controls"].keys()


@pytest.mark.usefixtures("no_training")
def test_finished_folds_are_not_repeated(validated: Validated, capsys: pytest.CaptureFixture[str]) -> None:
    before, models = validated.report, validated.models()

    assert validated.run() == 0

    printed = capsys.readouterr().out
    assert validated.models() == models and validated.report == before
    assert printed.startswith("== pooled over 2 models") and f"report: {validated.out / 'report.html'}" in printed


@pytest.mark.usefixtures("no_training")
def test_other_options_are_refused(validated: Validated, capsys: pytest.CaptureFixture[str]) -> None:
    models = validated.models()

    assert validated.run("--dropout", "0.5") == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "fold-1: holds a run with other data or options (dropout); choose another --out or remove the folder" in line
    assert validated.models() == models


def test_a_network_that_cannot_be_built_is_told_before_any_fold_is_trained(
    validated: Validated, no_training: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert validated.run("--out", str(tmp_path / "out"), "--fine-tune-from", "block_99") == 2

    assert (
        "weights is 'none', so all is trained from scratch; fine_tune_from must be 'all'"
        in capsys.readouterr().err.splitlines()[-1]
    )
    assert not list((tmp_path / "out").rglob("run.json"))
