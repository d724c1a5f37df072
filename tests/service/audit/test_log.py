import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from service.audit.log import AuditLog
from service.errors import SettingsError


def test_lines_are_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text("older\n")
    log = AuditLog(str(path))

    log.append(b"newer\n")

    assert path.read_text() == "older\nnewer\n"


def test_a_new_file_is_not_for_everybody(tmp_path: Path) -> None:
    AuditLog(str(tmp_path / "audit.jsonl"))

    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o007 == 0


def test_lines_of_many_threads_and_two_handles_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    logs = [AuditLog(str(path)), AuditLog(str(path))]
    line = b"x" * 700 + b"\n"
    threads = [threading.Thread(target=lambda log=log: [log.append(line) for _ in range(200)]) for log in logs * 2]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert path.read_bytes() == line * 800


def test_after_a_rotation_the_new_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(str(path))
    log.append(b"1\n")
    path.rename(tmp_path / "audit.1")
    log.append(b"2\n")  # as long as nobody says so, the old file goes on

    log.reopen()
    log.append(b"3\n")

    assert ((tmp_path / "audit.1").read_text(), path.read_text()) == ("1\n2\n", "3\n")


def test_a_file_that_cannot_be_reopened_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    log = AuditLog(str(folder / "audit.jsonl"))
    folder.rename(tmp_path / "moved")

    with pytest.raises(SettingsError, match="SERVICE_AUDIT_LOG"):
        log.reopen()
    log.append(b"still\n")

    assert (tmp_path / "moved" / "audit.jsonl").read_text() == "still\n"


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        AuditLog("/dev/full").append(b"line\n")


def test_a_torn_line_does_not_spoil_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(str(path))
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr("os.write", lambda file, data: write(file, data[:3]))
        with pytest.raises(OSError, match="No space left"):
            log.append(b"torn line\n")

    log.append(b"whole\n")

    assert path.read_text().splitlines() == ["tor", "whole"]


def test_a_hyphen_is_standard_output() -> None:
    code = "from service.audit.log import AuditLog; AuditLog('-').append(b'line\\n')"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert ended.stdout == "line\n"


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"SERVICE_AUDIT_LOG={tmp_path}/no/audit"):
        AuditLog(f"{tmp_path}/no/audit")
