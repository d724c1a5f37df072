"""A file is either whole or not there."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.atomic import new_folder, replacing, write_json


def test_a_new_file_and_its_folder_appear(tmp_path: Path) -> None:
    path = tmp_path / "new" / "value.json"

    write_json(path, {"größe": [1, 2]})

    assert json.loads(path.read_text("utf-8")) == {"größe": [1, 2]}
    assert [file.name for file in path.parent.iterdir()] == ["value.json"]


@pytest.mark.parametrize("error", [OSError("disk"), KeyboardInterrupt(), SystemExit(1)])
@pytest.mark.parametrize("before", [None, "old"])
def test_an_interruption_leaves_what_was_there(tmp_path: Path, error: BaseException, before: str | None) -> None:
    path = tmp_path / "file.txt"
    if before:
        path.write_text(before)

    with pytest.raises(type(error)), replacing(path) as temporary:
        temporary.write_text("ne")
        raise error

    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == ({"file.txt": before} if before else {})


def test_nothing_of_a_value_that_is_no_json_is_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_json(tmp_path / "value.json", {"a": object()})

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_json(path, "old")
    program = "import sys, pathlib, trainer.atomic as a; a.write_json(pathlib.Path(sys.argv[1]), 'x' * 9999)"
    arguments = [sys.executable, "-c", program, str(path)]

    result = subprocess.run(arguments, preexec_fn=small_disk, capture_output=True, text=True)

    assert "File too large" in result.stderr
    assert json.loads(path.read_text()) == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["value.json"]


def test_an_error_that_names_no_file_is_given_the_name(tmp_path: Path) -> None:
    with pytest.raises(OSError) as error, replacing(tmp_path / "file.txt"):
        raise OSError(28, "No space left on device")

    assert error.value.filename == str(tmp_path / "file.txt")


class TestNewFolder:
    """All files of a folder or none."""

    @pytest.mark.parametrize("exists", [False, True])
    def test_the_files_appear_together(self, tmp_path: Path, exists: bool) -> None:
        path = tmp_path / "a" / "folder"
        if exists:
            path.mkdir(parents=True)

        with new_folder(path) as temporary:
            (temporary / "one").write_text("1")
            assert not path.exists() or not list(path.iterdir())

        assert [file.name for file in path.iterdir()] == ["one"]
        assert [file.name for file in path.parent.iterdir()] == ["folder"]

    @pytest.mark.parametrize("error", [OSError("disk"), KeyboardInterrupt()])
    def test_an_interruption_leaves_nothing(self, tmp_path: Path, error: BaseException) -> None:
        with pytest.raises(type(error)), new_folder(tmp_path / "folder") as temporary:
            (temporary / "one").write_text("1")
            raise error

        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("kind", ["file", "folder"])
    def test_what_is_there_is_not_touched(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "folder"
        held = path / "one" if kind == "folder" else path
        held.parent.mkdir(exist_ok=True)
        held.write_text("old")

        with pytest.raises(FileExistsError, match="choose another folder"), new_folder(path):
            raise AssertionError("the work must not begin")

        assert held.read_text() == "old"


def small_disk() -> None:
    """Let no file grow beyond 4096 bytes: a write fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
