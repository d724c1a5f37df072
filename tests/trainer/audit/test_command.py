"""`trainer audit`: reports are whole or not there; whatever is wrong is one line and exit code 2."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.pictures import class_folders, picture, write
from trainer.cli import main

Say = Callable[..., str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    class_folders(root / "good", {"glioma": 6, "no_tumor": 6})
    class_folders(root / "elsewhere" / "good", {"glioma": 2, "no_tumor": 2}, first=500)
    class_folders(root / "one-class", {"glioma": 6})
    (root / "empty").mkdir()
    (root / "hollow" / "glioma").mkdir(parents=True)
    for label in ("a", "b"):
        (root / "unreadable" / label).mkdir(parents=True)
        (root / "unreadable" / label / "0.png").write_text("no picture")
    (root / "columns.csv").write_text("file,label\na.png,x\n")
    (root / "missing.csv").write_text("path,label\nnowhere.png,x\n")
    (root / "text.onnx").write_text("no model")
    return root


@pytest.fixture
def say(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command that must fail and write nothing; return its one line on stderr."""

    def run(*arguments: str) -> str:
        words = [word.replace("DATA", str(data)).replace("OUT", str(tmp_path)) for word in arguments]
        before = sorted(tmp_path.rglob("*"))
        code = main(["audit", *words])
        lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("trainer: ")]
        assert code == 2 and len(lines) == 1
        assert sorted(tmp_path.rglob("*")) == before
        return lines[0]

    return run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("DATA/nowhere",), "nowhere: no such folder or manifest"),
        (("DATA/empty",), "empty: no images; expected one folder for each class"),
        (("DATA/hollow",), "glioma: a folder of a class without images; add some or remove it"),
        (("DATA/one-class",), "the data has 1 class(es) ['glioma']; at least two are needed"),
        (("DATA/unreadable",), "none of the 2 files can be used"),
        (("DATA/columns.csv",), "the columns ['path'] are missing"),
        (("DATA/missing.csv",), "missing.csv, line 2: there is no file"),
        (("DATA/good", "DATA/good/../good"), "good: given twice"),
        (("DATA/good", "--model", "DATA/text.onnx"), "text.onnx: not an ONNX model"),
        (("DATA/good", "--html", "OUT"), "is a folder; name the file to be written"),
        (("DATA/good", "--html", "OUT/a", "--json", "OUT/a"), "a: named for two outputs"),
    ],
)
def test_what_is_wrong_is_one_line(say: Say, arguments: tuple[str, ...], message: str) -> None:
    assert message in say(*arguments)


def test_a_name_that_no_report_could_hold(say: Say, tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "scans", {"a": 2, "b": 2})
    (folder / "a" / os.fsdecode(b"\xff.png")).touch()

    assert "udcff.png': the name is not UTF-8; rename it" in say("OUT/scans")


def test_a_class_without_a_usable_file_is_shown_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = class_folders(tmp_path / "scans", {"a": 6})
    (folder / "b").mkdir()
    (folder / "b" / "0.png").touch()

    assert main(["audit", str(folder), "--html", str(tmp_path / "page.html")]) == 0

    printed = capsys.readouterr().out
    assert "7 files, 6 usable" in printed and "shortcut probe: left out" in printed


def test_a_full_disk_leaves_no_half_of_a_report(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)

    line = say("DATA/good", "--json", "OUT/found.json")

    assert "found.json: No space left on device" in line


def test_an_interruption_leaves_no_half_of_a_report(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trainer.audit.survey.inspect", interrupt)

    assert "interrupted before the reports were written; give the same command again" in say(
        "DATA/good", "--json", "OUT/found.json"
    )


def test_all_reports_at_once(data: Path, tmp_path: Path, model_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = [tmp_path / "new" / name for name in ("page.html", "found.json", "clean.csv")]
    options = [
        word
        for option, path in zip(("--html", "--json", "--clean"), outputs, strict=True)
        for word in (option, str(path))
    ]

    assert (
        main(["audit", str(data / "good"), "--model", str(model_path), "--class-map", "no_tumor=none", *options]) == 0
    )

    printed, found = capsys.readouterr().out, json.loads(outputs[1].read_text())
    assert sorted(tmp_path.rglob("*.*")) == sorted(outputs)
    assert set(found["classes"]) == {"glioma", "none"} and found["usable"] == 12
    assert found["label_errors"]["suspects"] is not None
    assert "12 files, 12 usable: good" in printed and "Research use only" in printed
    assert all(f"{100 * score['accuracy']:.1f}%" in printed for score in found["probe"]["scores"].values())
    assert len(outputs[2].read_text().splitlines()) == 1 + found["clean"]["kept"]


def test_two_data_sets_of_one_name_are_told_apart(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.json"

    assert main(["audit", str(data / "good"), str(data / "elsewhere" / "good"), "--json", str(out)]) == 0

    assert {name: sum(counts.values()) for name, counts in json.loads(out.read_text())["data_sets"].items()} == {
        "good": 12,
        "good (2)": 4,
    }


class Links(HTMLParser):
    """Collects what a page would fetch, and its open elements."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attributes if name in ("src", "href", "srcset")]


def test_the_page_holds_its_pictures_fetches_nothing_and_escapes_names(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "scans", {"glioma": 4, "<script>alert(1)": 4})
    write(folder / "glioma" / "copy of 0.png", picture(0))
    write(folder / "glioma" / "dark & blank.png", np.zeros((9, 9), np.uint8))
    page = tmp_path / "page.html"

    assert main(["audit", str(folder), "--html", str(page)]) == 0

    text, links = page.read_text("utf-8"), Links()
    links.feed(text)
    assert "script" not in links.tags and "link" not in links.tags and "url(" not in text
    assert len(links.sources) == 2 + 9
    assert all(source.startswith("data:image/jpeg;base64,") for source in links.sources)
    assert "copy of 0.png" in text and "dark &amp; blank.png" in text and "&lt;script&gt;alert(1)" in text


def test_the_audit_needs_no_tensorflow(data: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from trainer.cli import main; "
        f"code = main(['audit', {str(data / 'good')!r}, '--html', {str(tmp_path / 'page.html')!r}]); "
        "print(code, sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)

    assert ended.stdout.splitlines()[-1] == "0 []"
