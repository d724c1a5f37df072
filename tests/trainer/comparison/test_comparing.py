"""`trainer compare` as a user runs it: interrupted, resumed, repeated, extended."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.classifier import Classifier
from service.imaging import Limits
from tests.trainer.pictures import class_folders
from trainer.cli import main
from trainer.comparison.networks import read_networks
from trainer.data.manifest import read_manifest

pytestmark = pytest.mark.usefixtures("few_resamples", "tiny_backbone")

EACH = 14
FOLDS = ("fold-1", "fold-2")
PRESETS = {
    "small": 'size = 32\nrotation = 0.0\nbackbone = "tiny"\n',
    "large": 'size = 48\nchannels = 3\ncrop = "brain"\nhead = []\nbackbone = "tiny"\n',
    "third": 'size = 32\nbackbone = "tiny"\n',
    "unfit": 'size = 32\nbackbone = "tiny"\nfine_tune_from = "block_99"\n',
}
SAME = 'weights = "none"\nfrozen_epochs = 1\nfine_tune_epochs = 1\nbatch_size = 8\n'


@dataclass(frozen=True)
class Comparison:
    """The folder of a comparison that was interrupted once and then finished."""

    root: Path
    interrupted: int
    at_interruption: dict[str, int]

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.out / "comparison.json").read_text("utf-8"))

    def run(self, *presets: str) -> int:
        files = ",".join(str(self.root / f"{name}.toml") for name in presets)
        return main(["compare", str(self.root / "scans"), "--out", str(self.out), "--presets", files, "--folds", "2"])

    def models(self) -> dict[str, int]:
        """Return when each model file was written."""
        found = self.out.rglob("model.onnx")
        return {path.parent.relative_to(self.out).as_posix(): path.stat().st_mtime_ns for path in found}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, few_resamples: None, tiny_backbone: str) -> Iterator[Comparison]:
    from trainer.training import train

    root = tmp_path_factory.mktemp("comparison")
    class_folders(root / "scans", {"glioma": EACH, "no_tumor": EACH})
    for name, text in PRESETS.items():
        (root / f"{name}.toml").write_text(text + ("head = [4]\n" if "head" not in text else "") + SAME)
    comparison = Comparison(root, 0, {})
    done = []

    def interrupt_the_third(*arguments: Any) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(train(*arguments))
        return done[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.training.train", interrupt_the_third)
        code = comparison.run("small", "large")
    first = comparison.models()
    assert comparison.run("small", "large") == 0
    yield Comparison(root, code, first)


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Interrupt where a training would begin; return the folders of the runs."""
    begun: list[Path] = []

    def interrupt(_: object, folder: Path, *__: object) -> None:
        begun.append(folder)
        raise KeyboardInterrupt

    monkeypatch.setattr("trainer.training.train", interrupt)
    return begun


def images_tested_in(manifest: Path) -> list[Path]:
    return sorted(sample.path.resolve() for sample in read_manifest(manifest) if sample.split == "test")


def test_every_network_is_trained_and_tested_on_the_same_folds(compared: Comparison) -> None:
    for fold in FOLDS:
        drawn = {one.path.resolve(): one.split for one in read_manifest(compared.out / "splits" / f"{fold}.csv")}
        for network in ("small", "large"):
            used = read_manifest(compared.out / network / fold / "split.csv")
            assert {one.path.resolve(): one.split for one in used} == drawn
    everything = [path for fold in FOLDS for path in images_tested_in(compared.out / "small" / fold / "split.csv")]
    assert Counter(everything) == Counter(dict.fromkeys((compared.root / "scans").resolve().rglob("*.png"), 1))


def test_an_interruption_keeps_what_was_finished(compared: Comparison) -> None:
    assert compared.interrupted == 130
    assert compared.at_interruption.keys() == {"small/fold-1", "large/fold-1"}
    assert compared.models().items() > compared.at_interruption.items()
    assert compared.models().keys() == {f"{name}/{fold}" for name in ("small", "large") for fold in FOLDS}


def test_each_run_is_an_ordinary_run_and_nothing_else_is_left(compared: Comparison) -> None:
    names = {path.name for path in compared.out.iterdir()}
    run = {path.name for path in (compared.out / "large" / "fold-2").iterdir()}

    assert {"plan.json", "splits", "small", "large", "comparison.json", "comparison.html"} <= names
    assert ".cache" not in names and not list(compared.out.rglob(".partial*"))
    assert {"model.onnx", "MODEL_CARD.md", "metrics.json", "report.html", "report.txt", "split.csv", "fit"} <= run


def test_the_scores_are_those_of_the_exported_files_over_all_folds(compared: Comparison) -> None:
    for name, row in compared.report["networks"].items():
        right = []
        for fold in FOLDS:
            classifier = Classifier(compared.out / name / fold / "model.onnx")
            for path in images_tested_in(compared.out / name / fold / "split.csv"):
                result = classifier.classify(classifier.open(path.read_bytes(), Limits()))
                right.append(result.label == path.parent.name)
        assert len(right) == compared.report["images"] == 2 * EACH
        assert row["accuracy"] == pytest.approx(np.mean(right))
        assert row["onnx_bytes"] == (compared.out / name / "fold-1" / "model.onnx").stat().st_size


def test_costs_are_counted_in_the_exported_graph(compared: Comparison) -> None:
    small, large = (compared.report["networks"][name] for name in ("small", "large"))

    assert small["macs"] == 16 * 16 * 4 * 9 + 8 * 8 * 8 * 36 + 8 * 4 + 4
    assert small["parameters"] == (36 + 4) + (288 + 8) + (32 + 4) + (4 + 1)
    assert large["macs"] == 24 * 24 * 4 * 27 + 12 * 12 * 8 * 36 + 8
    assert (small["input"], large["input"], large["crop"]) == ("32 x 32 x 1", "48 x 48 x 3", "brain")
    assert small["latency_ms"]["median"] > 0


def test_a_run_is_the_same_as_one_on_its_own(compared: Comparison, tmp_path: Path) -> None:
    from trainer.preparation import prepare
    from trainer.training import train

    (network, _) = read_networks([str(compared.root / f"{name}.toml") for name in ("large", "small")], {}, {})
    manifest = compared.out / "splits" / "fold-2.csv"
    train(prepare([manifest], tmp_path, network.config), tmp_path, network.config)

    pixels = np.load(tmp_path / "cache" / "pixels.npy")
    alone, among_others = (
        Classifier(folder / "model.onnx").score(pixels) for folder in (tmp_path, compared.out / "large" / "fold-2")
    )
    assert np.array_equal(alone.probabilities, among_others.probabilities)


def test_a_finished_comparison_is_not_trained_again(
    compared: Comparison, no_training: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before, models = compared.report, compared.models()

    assert compared.run("small", "large") == 0

    printed = capsys.readouterr().out
    after = compared.report
    assert no_training == [] and compared.models() == models
    assert after["choice"]["chosen"] in printed and "control: nearest-thumbnail" in printed
    for name, row in after["networks"].items():
        assert {**row, "latency_ms": None} == {**before["networks"][name], "latency_ms": None}


def test_a_network_that_is_added_is_trained_alone(
    compared: Comparison, no_training: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared.run("small", "large", "third") == 130

    assert no_training == [compared.out / "third" / "fold-1"]
    assert capsys.readouterr().err.splitlines()[-1] == "trainer: interrupted; the same command resumes the run"


def refused(compared: Comparison, capsys: pytest.CaptureFixture[str], presets: Sequence[str]) -> str:
    before = compared.models()
    assert compared.run(*presets) == 2
    assert compared.models() == before
    return capsys.readouterr().err.splitlines()[-1]


def test_a_network_that_cannot_be_built_is_told_before_any_is_trained(
    compared: Comparison, no_training: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(compared, capsys, ("third", "unfit"))

    assert message.startswith(
        "trainer: unfit: weights is 'none', so all is trained from scratch; fine_tune_from must be 'all'"
    )
    assert no_training == []


def damage(compared: Comparison) -> Callable[[], object]:
    path = compared.out / "small" / "fold-2" / "model.onnx"
    content = path.read_bytes()
    path.write_bytes(content[:100])
    return lambda: path.write_bytes(content)


def test_a_damaged_model_file_is_named(compared: Comparison, capsys: pytest.CaptureFixture[str]) -> None:
    repair = damage(compared)
    try:
        assert compared.run("small", "large") == 2
    finally:
        repair()

    message = capsys.readouterr().err.splitlines()[-1]
    assert "fold-2/model.onnx: not an ONNX model" in message and "Remove the folder of that run" in message


def test_a_network_of_other_options_is_refused(
    compared: Comparison, no_training: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = compared.root / "large.toml"
    text = path.read_text()
    path.write_text(text.replace("size = 48", "size = 64"))
    try:
        message = refused(compared, capsys, ("small", "large"))
    finally:
        path.write_text(text)

    assert "large/fold-1: holds a run with other data or options" in message
    assert no_training == []
