"""500 images while something fails: at the end there is one report of each series, and the captures, no more."""

import io
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pynetdicom.association import Association

from tests.orthanc import Orthanc, running_orthanc
from tests.service.dicom_node.archive import Archive, archive
from tests.service.dicom_node.nodes import call, free_port, hang_up, image, said, send
from tests.service.dicom_node.test_command import node_process
from tests.serving import wait_until

SERIES, IMAGES, CAPTURES = 10, 50, 3
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def series() -> list[list[bytes]]:
    return [[image(number, f"study {study}") for number in range(IMAGES)] for study in range(SERIES)]


def complete(pacs: Archive) -> bool:
    whole = [one for one in pacs.reports if f"{IMAGES} of {IMAGES} images answered" in said(one)]
    return len(whole) == SERIES


def test_a_destination_that_fails_every_third_time(series: list[list[bytes]], tmp_path: Path, model_path: Path) -> None:
    def status(request: int) -> int | None:
        return (0xA700, 0xC000, None)[request // 3 % 3] if request % 3 == 2 else 0x0000

    with archive(status=status) as pacs, node_process(tmp_path, pacs.port, model_path) as node:
        for files in series:
            assert set(send(node["port"], files)) == {0}
        wait_until(lambda: complete(pacs) and len(pacs.captures) == SERIES * CAPTURES, PATIENCE_S)

    assert len(pacs.taken) == SERIES * (1 + CAPTURES)
    assert not list((tmp_path / "spool" / "dead").rglob("*.dcm"))


def test_a_node_that_is_killed_ten_times(series: list[list[bytes]], tmp_path: Path, model_path: Path) -> None:
    """The sender does what senders do: it sends again what was not acknowledged."""
    port, moments = free_port(), random.Random(7)
    left = [data for files in series for data in files]
    kills = sorted(moments.sample(range(20, SERIES * IMAGES - 20), 10))
    settings = {"SERVICE_NODE_PORT": str(port), "SERVICE_NODE_QUIET_S": "4"}
    with archive() as pacs:
        while left:
            with node_process(tmp_path, pacs.port, model_path, **settings) as node:
                until = kills.pop(0) if kills else None
                left = _send_until(port, left, until and SERIES * IMAGES - until, node)
        with node_process(tmp_path, pacs.port, model_path, **settings):
            wait_until(lambda: complete(pacs) and len(pacs.captures) >= SERIES * CAPTURES, PATIENCE_S)

    assert not kills
    assert len(pacs.reports) == SERIES
    assert len(pacs.captures) == SERIES * CAPTURES


def _send_until(port: int, files: list[bytes], left: int | None, node: dict) -> list[bytes]:  # type: ignore[type-arg]
    """Send until `left` files are left, then kill the node in the middle of the next; return what was not taken."""
    association: Association = call(port)
    while files:
        if left is not None and len(files) <= left:
            killer = threading.Timer(random.Random(len(files)).random() / 50, node["process"].kill)
            killer.start()
            left = -1
        response = association.send_c_store(dcmread(io.BytesIO(files[0]))) if association.is_established else {}
        if response.get("Status") != 0x0000:
            break
        files = files[1:]
    hang_up(association)
    return files


@pytest.fixture
def pacs(tmp_path: Path) -> Iterator[Orthanc]:
    with running_orthanc(tmp_path) as running:
        yield running


def test_an_archive_that_is_stopped_for_a_minute(
    series: list[list[bytes]], pacs: Orthanc, tmp_path: Path, model_path: Path
) -> None:
    with node_process(tmp_path, pacs.dicom_port, model_path) as node:
        for files in series[: SERIES // 2]:
            assert set(send(node["port"], files)) == {0}
        pacs.stop()
        stopped = time.monotonic()
        for files in series[SERIES // 2 :]:
            assert set(send(node["port"], files)) == {0}
        wait_until(lambda: time.monotonic() - stopped > 60, 61)
        pacs.start()
        wait_until(
            lambda: len(pacs.instances("SR")) == SERIES and len(pacs.instances("OT")) == SERIES * CAPTURES, PATIENCE_S
        )
        wait_until(lambda: not list((tmp_path / "spool" / "outbox").rglob("*.dcm")))

    assert len(pacs.instances("SR")) == SERIES
    assert not list((tmp_path / "spool" / "dead").rglob("*.dcm"))
