"""A file is either whole or not there."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.atomic import replacing, write_json


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


def small_disk() -> None:
    """Let no file grow beyond 4096 bytes: a write fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
