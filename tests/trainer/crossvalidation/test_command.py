"""`trainer cross-validate`: whatever is wrong is one line and exit code 2, before anything is trained or written."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trainer.pictures import class_folders
from tests.trainer.refusing import refusal
from trainer.cli import build_parser, main

Say = Callable[..., str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    class_folders(root / "two", {"glioma": 12, "no_tumor": 12})
    class_folders(root / "one-class", {"glioma": 12})
    (root / "text.toml").write_text("[[[")
    return root


@pytest.fixture
def say(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command that must fail without training and write nothing; return its one line on stderr."""
    monkeypatch.setattr("trainer.crossvalidation.crossvalidating.finish", None)

    def run(place: str, *options: str) -> str:
        words = [word.replace("DATA", str(data)) for word in ("--out", str(tmp_path / "out"), *options)]
        return refusal(["cross-validate", str(data / place), *words], tmp_path, capsys)

    return run


@pytest.mark.parametrize(
    ("place", "options", "message"),
    [
        ("missing", (), "missing: no such folder or manifest"),
        ("one-class", (), "the data has 1 class(es) ['glioma']; at least two are needed"),
        ("two", ("--folds", "1"), "--folds is 1; it must lie between 2 and 20"),
        ("two", ("--folds", "21"), "--folds is 21; it must lie between 2 and 20"),
        ("two", ("--folds", "13"), "24 images in 24 groups are too few for 13 folds; take fewer --folds"),
        ("two", ("--test-fraction", "0.2"), "--test-fraction is for a hold-out, not for --folds"),
        ("two", ("--keep-splits", "true"), "--keep-splits is for a hold-out, not for --folds"),
        ("two", ("--preset", "brian"), "preset 'brian': no such preset or file; there are brain-tumor-mri, "),
        ("two", ("--preset", "DATA/text.toml"), "text.toml': not valid TOML"),
        ("two", ("--size", "7"), "size is 7; it must lie between 32 and 1024"),
        ("two", ("--min-images", "13"), "has 12 usable images; at least 13 are needed"),
        ("two", ("--tumour-classes", "gioma"), "tumour_classes ['gioma'] are no classes of the data"),
        ("two", ("--fold", "1"), "--fold is for --fit-only: the report needs all folds"),
        ("two", ("--fit-only", "--fold", "6"), "--fold is 6; it must lie between 1 and 5"),
        ("two", ("--out", "DATA/two"), "two: exists and is not empty; choose another folder or remove it"),
        ("two", ("--out", "DATA/text.toml"), "text.toml"),
    ],
)
def test_what_is_wrong_is_one_line(say: Say, place: str, options: tuple[str, ...], message: str) -> None:
    assert message in say(place, *options)


def test_an_option_goes_before_the_preset(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def note(_: object, __: object, network: object, folds: int) -> None:
        seen.extend((network, folds))
        raise KeyboardInterrupt

    monkeypatch.setattr("trainer.crossvalidation.crossvalidating.cross_validate", note)
    main(["cross-validate", str(data / "two"), "--out", "out", "--preset", "four-class-cnn", "--size", "64"])

    network, folds = seen
    assert (network.config.backbone, network.config.size, folds) == ("custom_cnn", 64, 5)  # type: ignore[attr-defined]


def test_it_takes_every_option_of_train() -> None:
    def options(command: str) -> set[str]:
        parsed = build_parser().parse_args([command, "scans", "--out", "out"])
        return set(vars(parsed)) - {"command"}

    assert options("cross-validate") == options("train") | {"folds", "fold"}


def test_scoring_what_is_trained_needs_no_tensorflow() -> None:
    program = (
        "import sys, trainer.crossvalidation.crossvalidating; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
