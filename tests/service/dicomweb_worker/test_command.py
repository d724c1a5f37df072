"""The command line of the worker, in processes of its own, with a real archive."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.dicomweb_worker import command
from tests.orthanc import Orthanc, running_orthanc
from tests.service.reports.scans import MODEL, scan
from tests.service.studies.archives import archive_settings, study_of
from tests.serving import wait_until

NOBODY = "http://127.0.0.1:1/dicom-web"
COMMAND = [sys.executable, "-m", "service.dicomweb_worker"]
FILES = [scan(number, PatientAge="forty-two") for number in range(1, 5)]  # a value that libraries warn of
STUDY = study_of(FILES[0])


def environment(pacs: Orthanc, folder: Path) -> dict[str, str]:
    values = {f"SERVICE_{name.upper()}": str(value) for name, value in archive_settings(pacs, folder).items()}
    return {**os.environ, **values, "SERVICE_MODEL_PATH": str(MODEL)}


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, env=env, timeout=120)


@pytest.fixture
def pacs(tmp_path: Path) -> Iterator[Orthanc]:
    with running_orthanc(tmp_path) as archive:
        for data in FILES:
            archive.add(data)
        yield archive


@contextmanager
def polling_process(pacs: Orthanc, folder: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """Run `poll` twice a second over studies of any date; gives its log."""
    log = folder / "worker-log"
    arguments = ["poll", "--every", "0.5", "--days", "all", "--http-port", "0"]
    with log.open("a") as lines:
        process = subprocess.Popen([*COMMAND, *arguments], stdout=lines, stderr=lines, env=environment(pacs, folder))
    try:
        yield log, process
    finally:
        process.terminate()
        process.wait(30)


def logged(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().split("\n")[:-1] if line.startswith("{")]


def test_one_study_is_classified_and_stored(pacs: Orthanc, tmp_path: Path) -> None:
    env = environment(pacs, tmp_path)

    dry = run("classify", STUDY, "--dry-run", env=env)
    assert (dry.returncode, json.loads(dry.stdout)["series"][0]["reason"]) == (0, "matches every rule")
    assert pacs.instances("SR") == []
    ended = run("classify", STUDY, "--store", env=env)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["series"][0]["summary"]["images"] == len(FILES)
    assert (len(pacs.instances("SR")), len(pacs.instances("OT"))) == (1, 3)


def test_new_studies_get_one_report_each_also_after_a_restart(pacs: Orthanc, tmp_path: Path) -> None:
    with polling_process(pacs, tmp_path) as (log, _):
        wait_until(lambda: len(pacs.instances("OT")) == 3)
        for number in range(1, 3):
            pacs.add(scan(number, "later"))
        wait_until(lambda: len(pacs.instances("SR")) == 2 and len(pacs.instances("OT")) == 5)
        wait_until(lambda: bool([one for one in logged(log) if one["event"] == "looking"]))
        port = next(one["http_port"] for one in logged(log) if one["event"] == "looking")
        health = httpx.get(f"http://127.0.0.1:{port}/health")
        metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    made = sorted((*pacs.instances("SR"), *pacs.instances("OT")))
    with polling_process(pacs, tmp_path) as (log, _):
        wait_until(lambda: sum(one.get("classified") == 0 for one in logged(log)) >= 2)

    assert sorted((*pacs.instances("SR"), *pacs.instances("OT"))) == made
    assert (health.status_code, health.json()["status"]) == (200, "ready")
    assert 'brain_mri_worker_series_total{outcome="resulted"} 2.0' in metrics
    text = log.read_text() + metrics
    assert [secret for secret in ("Phantom", "PHANTOM-1", "19700101", STUDY) if secret in text] == []


def test_an_archive_that_was_down_is_looked_at_again(pacs: Orthanc, tmp_path: Path) -> None:
    pacs.stop()
    with polling_process(pacs, tmp_path) as (log, process):
        wait_until(lambda: "the archive cannot be searched" in log.read_text())
        port = next(one["http_port"] for one in logged(log) if one["event"] == "looking")
        assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 503
        pacs.start()
        wait_until(lambda: len(pacs.instances("OT")) == 3)
        assert process.poll() is None


def test_a_single_look_ends_and_says_how_it_went(pacs: Orthanc, tmp_path: Path) -> None:
    ended = run("poll", "--once", "--days", "all", env=environment(pacs, tmp_path))

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(pacs.instances("SR")) == 1
    pacs.stop()
    assert run("poll", "--once", env=environment(pacs, tmp_path)).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "url", "status", "said"),
    [
        (["classify", "1.2.3"], "", 2, "SERVICE_DICOMWEB_URL is not set"),
        (["classify", "1.2.3"], "ftp://x", 2, "SERVICE_DICOMWEB_URL"),
        (["classify", "one"], NOBODY, 2, "is no UID"),
        (["classify", "1.2.3"], NOBODY, 1, "The archive failed: no connection"),
        (["poll", "--filter", "x"], NOBODY, 2, "KEYWORD=VALUE"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    arguments: list[str],
    url: str,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SERVICE_DICOMWEB_URL", url)
    monkeypatch.setenv("SERVICE_MODEL_PATH", str(MODEL))

    assert command.run(arguments) == status

    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["poll", "--every", "0"], ["poll", "--days", "-1"], ["classify"]])
def test_arguments_that_are_none_end_in_a_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.run(arguments)
