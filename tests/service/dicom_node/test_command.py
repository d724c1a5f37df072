"""The command line of the node, in processes of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.dicom_node.outbox import Outbox
from tests.service.dicom_node.archive import archive
from tests.service.dicom_node.nodes import destination_file, free_port, image, said, send
from tests.serving import wait_until

COMMAND = [sys.executable, "-m", "service.dicom_node"]
SERIES = "a" * 32


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=os.environ | environment, timeout=60
    )


@contextmanager
def node_process(folder: Path, archive_port: int, model_path: Path, **environment: str) -> Iterator[dict[str, Any]]:
    """Run the node; gives the line of its log that says where it listens, with the process under `process`."""
    values = {
        "SERVICE_MODEL_PATH": str(model_path),
        "SERVICE_NODE_DESTINATIONS": str(destination_file(folder, archive_port)),
        "SERVICE_NODE_SPOOL": str(folder / "spool"),
        "SERVICE_NODE_PORT": "0",
        "SERVICE_NODE_HTTP_PORT": "0",
        "SERVICE_NODE_QUIET_S": "0.3",
    }
    log = folder / "log"
    log.touch()
    before = log.read_text()
    with log.open("a") as lines:
        process = subprocess.Popen(COMMAND, stdout=lines, stderr=lines, env=os.environ | values | environment)
    try:
        wait_until(lambda: bool(listening(log, before)) or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield listening(log, before) | {"process": process, "log": log}
    finally:
        process.terminate()
        process.wait(30)


def listening(log: Path, before: str) -> dict[str, Any]:
    """Return the line that says where the node listens, of what stands in the log since; nothing until it is whole."""
    lines = log.read_text().removeprefix(before).split("\n")[:-1]
    events = (json.loads(line) for line in lines if line.startswith("{"))
    return next((event for event in events if event["event"] == "listening" and "http_port" in event), {})


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, model_path: Path) -> None:
    with archive() as pacs, node_process(tmp_path, pacs.port, model_path) as running:
        send(running["port"], [image(0)])
        wait_until(lambda: len(pacs.taken) == 2)
        assert httpx.get(f"http://127.0.0.1:{running['http_port']}/health").json()["status"] == "ready"
        running["process"].send_signal(signal.SIGTERM)
        assert running["process"].wait(30) == 0


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, model_path: Path) -> None:
    files = [image(number) for number in range(20)]
    port = free_port()
    with node_process(tmp_path, port, model_path, SERVICE_NODE_QUIET_S="600") as running:
        assert send(running["port"], files) == [0] * 20
        running["process"].kill()
        running["process"].wait()
    with archive(port) as pacs, node_process(tmp_path, port, model_path):
        wait_until(lambda: len(pacs.taken) == 4)

    assert "20 of 20 images answered" in said(pacs.reports[0])


def test_a_second_node_on_the_same_spool_is_refused(tmp_path: Path, model_path: Path) -> None:
    with node_process(tmp_path, free_port(), model_path):
        refused = run(
            SERVICE_MODEL_PATH=str(model_path),
            SERVICE_NODE_DESTINATIONS=str(tmp_path / "destinations.toml"),
            SERVICE_NODE_SPOOL=str(tmp_path / "spool"),
        )

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "another node uses it" in refused.stderr and refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "SERVICE_NODE_DESTINATIONS is not set"),
        ({"SERVICE_NODE_DESTINATIONS": "none.toml", "SERVICE_NODE_SPOOL": "spool"}, "none.toml: cannot be read"),
    ],
)
def test_what_it_cannot_begin_with_is_one_line_and_exit_code_2(environment: dict[str, str], said: str) -> None:
    refused = run(**environment)

    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert said in refused.stderr


def test_help_lists_every_setting() -> None:
    shown = run("--help").stdout

    assert "SERVICE_NODE_QUIET_S" in shown and "Research use only" in shown


def test_an_operator_lists_retries_and_purges(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.open(["pacs"])
    (tmp_path / "series" / SERIES).mkdir(parents=True)
    (tmp_path / "series" / SERIES / "1.dcm").write_bytes(b"")
    for number in "123":
        outbox.put("pacs", SERIES, number * 32, b"report")
    for entry in outbox.waiting("pacs")[:2]:
        outbox.give_up(entry, "status A900", 5)
    spool = {"SERVICE_NODE_SPOOL": str(tmp_path)}

    listed = run("spool", "list", **spool).stdout
    assert f"received  {SERIES} 1 objects" in listed
    assert listed.count("waiting   pacs/") == 1 and listed.count("after 5 attempts: status A900") == 2
    one = f"pacs/{outbox.dead()[0].entry.name}"
    assert run("spool", "retry", one, **spool).stdout == "1 dead letters wait again\n"
    assert run("spool", "purge", "all", **spool).stdout == "1 dead letters are gone\n"

    assert (len(outbox.waiting("pacs")), outbox.dead()) == (2, [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list",), "is no spool of a node"),
        (("retry", "--spool", "SPOOL"), "Say which dead letters"),
        (("purge", "pacs/none", "--spool", "SPOOL"), "There is no dead letter 'pacs/none'"),
        (("list", "pacs/none", "--spool", "SPOOL"), "takes no entries"),
    ],
)
def test_what_an_operator_gets_wrong_is_said(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    (tmp_path / "series").mkdir()
    refused = run("spool", *(str(tmp_path) if one == "SPOOL" else one for one in arguments))

    assert refused.returncode == 2 and said in refused.stderr
