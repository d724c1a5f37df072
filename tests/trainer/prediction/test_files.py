"""A folder of predictions: whole files or none."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from service.classifier import Classifier
from tests import pictures
from tests.tiny_model import CLASSES
from tests.trainer.test_atomic import small_disk
from trainer.errors import DataError
from trainer.prediction.files import write_predictions


@pytest.fixture(scope="module")
def classifier(model_path: Path) -> Classifier:
    return Classifier(model_path)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Four pictures of which one is novel, in folders of any depth, and two files that are no picture."""
    folder = tmp_path / "scans"
    (folder / "b" / "c").mkdir(parents=True)
    (folder / "1.png").write_bytes(pictures.good_png())
    (folder / "2.jpg").write_bytes(pictures.good_jpeg())
    (folder / "3.txt").write_text("notes")
    (folder / "b" / "4.png").write_bytes(pictures.encode(pictures.dark(seed=4)))
    (folder / "b" / "c" / "5.png").write_bytes(pictures.encode(pictures.bright()))
    (folder / "b" / "c" / "6.png").write_bytes(b"")
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_file_is_a_row(classifier: Classifier, scans: Path, tmp_path: Path) -> None:
    counts = write_predictions(classifier, [scans], tmp_path / "out", grid=25, refuse_novel=True)

    table = rows(tmp_path / "out" / "predictions.csv")
    assert [Path(one["path"]).relative_to(scans).as_posix() for one in table] == [
        *("1.png", "2.jpg", "3.txt"),
        *("b/4.png", "b/c/5.png", "b/c/6.png"),
    ]
    assert [one["refusal"].partition(":")[0] for one in table] == [
        *("", "", "unsupported-format"),
        *("", "out-of-distribution", "unreadable-image"),
    ]
    assert counts.total() == 6 and counts["refused"] == 3
    for one in table:
        if not one["refusal"]:
            assert float(one["probability"]) == max(float(one[f"probability_{name}"]) for name in CLASSES)
            assert sum(float(one[f"probability_{name}"]) for name in CLASSES) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("grid", "columns"), [(0, None), (1, 1), (4, 2), (99, 3)])
def test_the_grid_shows_the_first_files(
    classifier: Classifier, scans: Path, tmp_path: Path, grid: int, columns: int | None
) -> None:
    write_predictions(classifier, [scans], tmp_path / "out", grid, refuse_novel=True)

    path = tmp_path / "out" / "predictions.png"
    assert path.exists() == (columns is not None)
    if columns:
        with Image.open(path) as sheet:
            assert sheet.width // 232 in (columns, columns + (columns == 1))


def test_what_was_written_before_is_not_classified_but_replaced(classifier: Classifier, scans: Path) -> None:
    first = write_predictions(classifier, [scans], scans, grid=25, refuse_novel=True)
    before = (scans / "predictions.csv").read_bytes()

    second = write_predictions(classifier, [scans], scans, grid=25, refuse_novel=True)

    assert first == second
    assert (scans / "predictions.csv").read_bytes() == before


def test_a_name_that_is_no_text_is_a_row_too(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "scans") + b"/\xff\n,.png")).write_bytes(pictures.good_png())

    write_predictions(classifier, [tmp_path / "scans"], tmp_path / "out", grid=1, refuse_novel=True)

    (one,) = rows(tmp_path / "out" / "predictions.csv")
    assert one["path"].endswith("/\\udcff\n,.png") and one["label"]


def test_a_place_without_files_leaves_nothing(classifier: Classifier, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        write_predictions(classifier, [tmp_path / "gone"], tmp_path / "out", grid=25, refuse_novel=True)

    assert not (tmp_path / "out").exists()


def test_an_interruption_leaves_what_was_there(
    classifier: Classifier, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "predictions.csv").write_text("old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trainer.prediction.files.tile", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_predictions(classifier, [scans], out, grid=25, refuse_novel=True)

    assert {file.name: file.read_text() for file in out.iterdir()} == {"predictions.csv": "old"}


def test_a_full_disk_is_one_line_that_names_the_file(scans: Path, tmp_path: Path, model_path: Path) -> None:
    (scans / "1.png").write_bytes(pictures.encode(pictures.dark(400, 400)))
    command = [sys.executable, "-m", "trainer", "predict", str(model_path), str(scans), "--out", str(tmp_path / "out")]

    result = subprocess.run(command, preexec_fn=small_disk, capture_output=True, text=True)

    assert result.returncode == 2
    assert result.stderr == f"trainer: {tmp_path / 'out' / 'predictions.png'}: File too large\n"
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["predictions.csv"]
