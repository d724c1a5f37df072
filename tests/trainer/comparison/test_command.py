"""`trainer compare`: whatever is wrong is one line and exit code 2, before anything is trained or written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trainer.pictures import class_folders
from tests.trainer.refusing import refusal
from trainer.cli import main

Say = Callable[..., str]
TWO = ("--presets", "four-class,four-class-cnn")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    labels = ("glioma", "meningioma", "pituitary", "no_tumor")
    class_folders(root / "four", dict.fromkeys(labels, 12))
    class_folders(root / "two", {"yes": 12, "no": 12})
    (root / "other" / "splits").mkdir(parents=True)
    (root / "other" / "plan.json").write_text("{}")
    (root / "text.toml").write_text("[[[")
    return root


@pytest.fixture
def say(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command that must fail without training and write nothing; return its one line on stderr."""
    monkeypatch.setattr("trainer.comparison.comparing.finish", None)

    def run(place: str, *options: str) -> str:
        words = [word.replace("DATA", str(data)) for word in ("--out", str(tmp_path / "out"), *options)]
        return refusal(["compare", str(data / place), *words], tmp_path, capsys)

    return run


@pytest.mark.parametrize(
    ("place", "options", "message"),
    [
        ("four", ("--presets", "four-class"), "--presets names 1 network(s); a comparison needs at least two"),
        ("four", ("--presets", "four-class,brian"), "preset 'brian': no such preset or file; there are brain-tumor"),
        ("four", ("--presets", "four-class,DATA/text.toml"), "text.toml': not valid TOML"),
        ("four", ("--presets", "four-class,tumor-vgg16"), "'four-class' and 'tumor-vgg16' differ in class_map"),
        ("two", TWO, "tumour_classes ['glioma', 'meningioma', 'pituitary'] are no classes of the data"),
        ("missing", TWO, "missing: no such folder or manifest"),
        ("four", (*TWO, "--folds", "1"), "--folds is 1; it must lie between 2 and 20"),
        ("four", (*TWO, "--folds", "21"), "--folds is 21; it must lie between 2 and 20"),
        ("four", (*TWO, "--folds", "16"), "48 images in 48 groups are too few for 16 folds; take fewer --folds"),
        (
            "four",
            (*TWO, "--folds", "3", "--test-fraction", "0.2"),
            "--test-fraction is for a hold-out, not for --folds",
        ),
        ("four", (*TWO, "--margin", "-1"), "--margin is -1; it must lie between 0 and 100 points"),
        ("four", (*TWO, "--margin", "nan"), "--margin is nan; it must lie between 0 and 100 points"),
        ("four", (*TWO, "--size", "7"), "size is 7; it must lie between 32 and 1024"),
        ("four", (*TWO, "--weights", "vgg16=none"), "--weights names the backbone(s) ['vgg16'], which no preset"),
        ("four", (*TWO, "--min-images", "13"), "has 12 usable images; at least 13 are needed"),
        ("four", (*TWO, "--out", "DATA/other"), "other: holds runs on other data, folds or splits; choose"),
        ("four", (*TWO, "--out", "DATA/two"), "two: exists and is not empty; choose another folder or remove it"),
    ],
)
def test_what_is_wrong_is_one_line(say: Say, place: str, options: tuple[str, ...], message: str) -> None:
    assert message in say(place, *options)


@pytest.mark.parametrize(
    "options",
    [("--presets",), ("--folds", "many", *TWO), ("--weights", "x.h5", *TWO), ("--backbone", "vgg16", *TWO), ()],
)
def test_wrong_usage_exits_with_2(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["compare", "scans", "--out", "out", *options])

    assert exit_.value.code == 2
    assert "error: " in capsys.readouterr().err
