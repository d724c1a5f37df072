"""A series that reaches the archive comes back with its result in the same study, with nobody touching it."""

import io
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from service import DISCLAIMER
from tests.dicom_validators import errors_of
from tests.orthanc import PASSWORD, USER, Orthanc, running_orthanc
from tests.peers import need
from tests.service.dicom_node.nodes import free_port, send
from tests.service.dicom_node.test_command import node_process
from tests.service.reports.scans import MODEL, scan
from tests.serving import wait_until

QUIET_S = 1.0
ROUTE = (Path(__file__).parents[2] / "deploy" / "pacs" / "route.lua").read_text("utf-8")
FILES = [scan(number) for number in range(1, 7)]


@contextmanager
def round_trip(folder: Path) -> Iterator[tuple[Orthanc, dict[str, Any]]]:
    """Run an archive that routes to a node, as the compose profile `pacs` sets both up."""
    port = free_port()
    (folder / "route.lua").write_text(ROUTE)
    modalities = {"brain-mri": {"AET": "BRAINMRI", "Host": "127.0.0.1", "Port": port}}
    with (
        running_orthanc(folder, modalities, LuaScripts=[str(folder / "route.lua")]) as pacs,
        node_process(
            folder,
            pacs.dicom_port,
            MODEL,
            SERVICE_NODE_PORT=str(port),
            SERVICE_NODE_QUIET_S=str(QUIET_S),
        ) as node,
    ):
        yield pacs, node


def send_series(pacs: Orthanc, folder: Path) -> None:
    """Send a folder to the archive; returns when results are there, fails 5 s after the quiet period."""
    need("storescu")
    command = ["storescu", "-aec", "TESTPACS", "+sd", "127.0.0.1", str(pacs.dicom_port), str(folder)]
    subprocess.run(command, check=True, env=os.environ | {"TCP_NODELAY": "1"})
    stable_s = 1.0  # Orthanc's StableAge
    end = time.monotonic() + stable_s + QUIET_S + 5.0
    while not (len(pacs.instances("SR")) == 1 and len(pacs.instances("OT")) == 3):
        assert time.monotonic() < end, "no result within 5 s after the quiet period"
        time.sleep(0.05)


def save_results(pacs: Orthanc, folder: Path) -> list[Path]:
    """Write the report and the captures that are in the archive as files; the report comes first."""
    paths = []
    for number, name in enumerate([*pacs.instances("SR"), *pacs.instances("OT")]):
        paths.append(folder / f"result-{number}.dcm")
        paths[-1].write_bytes(pacs.file(name))
    return paths


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Orthanc, dict[str, Any]]]:
    with round_trip(tmp_path_factory.mktemp("round-trip")) as running:
        yield running


@pytest.fixture(scope="module")
def results(trip: tuple[Orthanc, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What has come back, and the images, as files."""
    pacs, _ = trip
    folder = tmp_path_factory.mktemp("series")
    images = [folder / f"{number}.dcm" for number in range(len(FILES))]
    for path, data in zip(images, FILES, strict=True):
        path.write_bytes(data)
    send_series(pacs, folder)
    return [*save_results(pacs, folder), *images]


def test_report_and_captures_are_in_the_study_of_the_images(
    trip: tuple[Orthanc, dict[str, Any]], results: list[Path]
) -> None:
    pacs, _ = trip
    study = dcmread(io.BytesIO(FILES[0])).StudyInstanceUID

    series = pacs.get(f"/dicom-web/studies/{study}/series", includefield="Modality")

    assert sorted(one["00080060"]["Value"][0] for one in series) == ["MR", "OT", "SR"]
    assert len(pacs.get("/studies")) == 1


def test_validators_find_no_error_in_what_came_back(results: list[Path]) -> None:
    assert errors_of(results[:4], results[4:]) == []


def test_a_viewer_shows_finding_probabilities_model_and_disclaimer(results: list[Path]) -> None:
    need("dsr2html")
    page = subprocess.run(["dsr2html", "+Rt", str(results[0])], capture_output=True, text=True, check=True).stdout

    for said in ("Neoplasm", "Most suspicious image: ", "brain-tumor-mri", "6 of 6 images answered", DISCLAIMER):
        assert said in page, said


def test_results_go_over_stow_to_an_archive_that_prefers_it(tmp_path: Path) -> None:
    with running_orthanc(tmp_path) as pacs:
        (tmp_path / "password").write_text(PASSWORD)
        destinations = tmp_path / "stow.toml"
        destinations.write_text(
            '[[destination]]\nname = "archive"\nprotocol = "dicomweb"\n'
            f'pacs = {{ url = "{pacs.dicom_web}", user = "{USER}", password_file = "{tmp_path / "password"}" }}\n'
        )
        with node_process(tmp_path, 1, MODEL, SERVICE_NODE_DESTINATIONS=str(destinations)) as node:
            assert send(node["port"], FILES) == [0] * len(FILES)
            wait_until(lambda: len(pacs.instances("SR")) == 1 and len(pacs.instances("OT")) == 3)
            wait_until(lambda: not list((tmp_path / "spool" / "outbox").rglob("*.dcm")))

    assert not list((tmp_path / "spool" / "dead").rglob("*.dcm"))


def test_the_results_are_not_routed_to_the_node_again(
    trip: tuple[Orthanc, dict[str, Any]], results: list[Path]
) -> None:
    pacs, _ = trip

    assert [job for job in (pacs.get(f"/jobs/{one}") for one in pacs.get("/jobs")) if job["State"] == "Failure"] == []
    assert len(pacs.instances("SR")) == 1
