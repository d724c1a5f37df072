"""From a folder of scans to a checked model file, through the command line as a user runs it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from service.classifier import Classifier
from service.imaging import Limits
from service.phantom import brain_slice
from tests.trainer.networks import weights_file
from trainer.data.manifest import read_manifest
from trainer.data.sample import EXCLUDED

ROOT = Path(__file__).parents[2]
LESIONS = {"glioma_tumor": "glioma", "meningioma_tumor": "meningioma", "no_tumor": "none"}
EACH = 20
OPTIONS = (
    *("--size", "32", "--head", "8", "--batch-size", "16"),
    *("--frozen-epochs", "1", "--fine-tune-epochs", "1", "--fine-tune-from", "block_14_expand"),
    *("--class-map", "glioma_tumor=glioma,meningioma_tumor=meningioma", "--tumour-classes", "glioma,meningioma"),
)


def options() -> tuple[str, ...]:
    """Return the options of the run, with a file of weights for a frozen phase to start from."""
    return ("--weights", weights_file("mobilenet_v2"), *OPTIONS)


@dataclass(frozen=True)
class Run:
    """A run that was interrupted once and then finished."""

    data: Path
    out: Path
    interrupted: tuple[int, str]
    printed: str

    @property
    def metrics(self) -> dict[str, Any]:
        return json.loads((self.out / "metrics.json").read_text("utf-8"), parse_constant=_no_constant)

    @property
    def model(self) -> Path:
        return self.out / "model.onnx"

    def train(self) -> str:
        return trainer("train", str(self.data), "--out", str(self.out), *options())


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def trainer(*arguments: str) -> str:
    """Run a command of the trainer that must succeed; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "trainer", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def interrupt_at(line: str, *arguments: str) -> tuple[int, str]:
    """Run a command until it prints `line`, press Ctrl-C, and return the exit code and the last line on stderr."""
    command = [sys.executable, "-m", "trainer", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        for printed in process.stdout:
            if printed.strip() == line:
                os.kill(process.pid, signal.SIGINT)
                break
        _, errors = process.communicate()
    return process.returncode, errors.splitlines()[-1]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("training")
    data, out = folder / "phantoms", folder / "run"
    for kind, (label, lesion) in enumerate(LESIONS.items()):
        (data / label).mkdir(parents=True)
        for number in range(EACH):
            pixels = brain_slice(1000 * kind + number, lesion, size=64)  # type: ignore[arg-type]
            Image.fromarray(pixels).save(data / label / f"{number}.png")
    (data / "no_tumor" / "notes.jpg").write_text("no picture")
    interrupted = interrupt_at("fine-tune phase", "train", str(data), "--out", str(out), *options())
    unfinished = Run(data, out, interrupted, "")
    yield Run(data, out, interrupted, unfinished.train())
    shutil.rmtree(folder)


def test_ctrl_c_says_how_to_go_on(run: Run) -> None:
    assert run.interrupted == (130, "trainer: interrupted; the same command resumes the run")


def test_the_resumed_run_does_not_repeat_what_was_done(run: Run) -> None:
    history = json.loads((run.out / "history.json").read_text())

    assert "frozen phase" not in run.printed and "fine-tune phase" in run.printed
    assert [(row["phase"], row["epoch"]) for row in history] == [(0, 1), (1, 1)]


def test_everything_is_there_and_nothing_half_written(run: Run) -> None:
    names = {path.name for path in run.out.iterdir()}

    assert names == {
        *("model.onnx", "MODEL_CARD.md", "metrics.json", "report.txt", "history.json"),
        *("split.csv", "skipped.json", "run.json", "cache", "fit"),
        *("report.html", "plots"),
    }
    assert not list(run.out.rglob(".partial*"))


def test_files_that_could_not_be_used_are_listed(run: Run) -> None:
    skipped = json.loads((run.out / "skipped.json").read_text())

    assert [Path(skip["path"]).name for skip in skipped] == ["notes.jpg"]


def test_no_group_straddles_the_split_on_disk(run: Run) -> None:
    splits = defaultdict(set)
    samples = read_manifest(run.out / "split.csv")
    for sample in samples:
        splits[sample.group].add(sample.split)

    assert len(samples) == EACH * len(LESIONS)
    assert all(len(found) == 1 for found in splits.values())


def test_the_report_has_scores_intervals_and_controls(run: Run) -> None:
    metrics = run.metrics
    overall = metrics["overall"]

    assert set(metrics["controls"]) == {"majority", "header", "intensity", "nearest-thumbnail"}
    assert overall["images"] == sum(s.split == "test" for s in read_manifest(run.out / "split.csv"))
    assert overall["accuracy_95ci"][0] <= overall["accuracy"] <= overall["accuracy_95ci"][1]
    assert set(overall["per_class"]) == {"glioma", "meningioma", "no_tumor"}
    assert metrics["sources"].keys() == {"phantoms"}
    assert f"accuracy {100 * overall['accuracy']:.1f}%" in run.printed


def test_the_card_tells_what_the_model_was_made_of(run: Run) -> None:
    card = Classifier(run.model).card

    assert card.class_names == ("glioma", "meningioma", "no_tumor")
    assert [one.tumour for one in card.classes] == [True, True, False]
    assert (card.preprocess.size, card.preprocess.channels) == (32, 1)
    counts = card.training_data.sources["phantoms"]
    assert sum(sum(labels.values()) for split, labels in counts.items() if split != EXCLUDED) == EACH * len(LESIONS)
    assert len(card.training_data.content_sha256) == 64
    assert card.command.startswith("python -m trainer train ") and "--class-map" in card.command
    assert card.metrics["test"]["overall"]["accuracy"] == run.metrics["overall"]["accuracy"]  # type: ignore[index, call-overload]
    assert {"tensorflow", "onnx", "onnxruntime"} <= set(card.libraries)


def test_the_model_card_gives_the_same_figures(run: Run) -> None:
    text = (run.out / "MODEL_CARD.md").read_text("utf-8")
    card = Classifier(run.model).card

    for part in (card.command, card.disclaimer, card.training_data.content_sha256, "nearest-thumbnail", "phantoms"):
        assert part in text
    assert f"{100 * run.metrics['overall']['accuracy']:.1f} %" in text


def test_the_service_can_use_the_model(run: Run) -> None:
    classifier = Classifier(run.model)
    classifier.warm_up()

    result = classifier.classify(classifier.open(_png(run), Limits()), explain=True)

    assert result.label in LESIONS.values() or result.label == "no_tumor"
    assert sum(result.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert result.heatmap is not None and np.isfinite(result.novelty)


def _png(run: Run) -> bytes:
    return next((run.data / "glioma_tumor").iterdir()).read_bytes()


def test_evaluate_computes_the_score_of_the_run_from_the_file(run: Run, tmp_path: Path) -> None:
    trainer(
        *("evaluate", str(run.model), str(run.out / "split.csv"), "--split", "test"),
        *("--json", str(tmp_path / "again.json")),
    )

    again = json.loads((tmp_path / "again.json").read_text())
    assert again["overall"] == run.metrics["overall"]
    assert again["sources"] == run.metrics["sources"]


def test_running_again_trains_nothing_and_gives_the_same_answers(run: Run) -> None:
    pixels = np.load(run.out / "cache" / "pixels.npy")
    before, metrics = Classifier(run.model).score(pixels, explain=True), run.metrics

    printed = run.train()

    after = Classifier(run.model).score(pixels, explain=True)
    assert "phase" not in printed
    assert run.metrics == metrics
    assert np.array_equal(after.probabilities, before.probabilities)
    assert np.array_equal(after.novelty, before.novelty)
    assert np.array_equal(after.heatmap, before.heatmap)  # type: ignore[arg-type]
