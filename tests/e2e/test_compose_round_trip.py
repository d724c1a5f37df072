"""The round trip in containers, where ORTHANC_IMAGE names an image of the archive that the engine has."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.compose import Project
from tests.e2e.conftest import built_project
from tests.peers import need
from tests.service.reports.scans import scan
from tests.serving import wait_until

PATIENCE_S = 60.0
CREDENTIALS = ("orthanc", "change-me")  # of deploy/pacs/orthanc.json


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    if "ORTHANC_IMAGE" not in os.environ:
        pytest.skip("ORTHANC_IMAGE names no image of an archive")
    variables = {"SERVICE_NODE_CALLERS": "ORTHANC", "WORKER_EVERY_S": "1", "WORKER_DAYS": "all"}
    with built_project("node", profile="pacs", **variables) as made:
        made.profiled("build", "worker")
        made.profiled("up", "--detach", "orthanc")
        wait_until(lambda: _answers(made), PATIENCE_S)
        yield made


def archive(project: Project, path: str) -> Any:
    answer = httpx.get(f"http://{project.address('orthanc', 8042)}{path}", auth=CREDENTIALS)
    return answer.raise_for_status().json()


def _answers(project: Project) -> bool:
    try:
        return bool(archive(project, "/system"))
    except httpx.TransportError:
        return False


def send(project: Project, folder: Path, study: str) -> None:
    """Let a modality send a series to the archive."""
    need("storescu")
    host, _, port = project.address("orthanc", 4242).rpartition(":")
    for number in range(1, 4):
        (folder / f"{number}.dcm").write_bytes(scan(number, study))
    subprocess.run(["storescu", "-aec", "ORTHANC", "+sd", host, port, str(folder)], check=True)


def modalities(project: Project, studies: int) -> list[str]:
    """Return the modalities of all series, once there are as many studies; nothing before."""
    if len(archive(project, "/studies")) != studies:
        return []
    return sorted(one["MainDicomTags"]["Modality"] for one in archive(project, "/series?expand"))


def test_the_worker_pulls_and_stores(project: Project, tmp_path: Path) -> None:
    send(project, tmp_path, "pulled")
    project.profiled("up", "--detach", "worker")

    wait_until(lambda: modalities(project, 1) == ["MR", "OT", "SR"], PATIENCE_S)

    worker = project.profiled("ps", "-q", "worker")
    health = httpx.get(f"http://{project.address('worker', 8002)}/health")
    assert (worker != "", health.json()["status"]) == (True, "ready")
    project.profiled("stop", "worker")


def test_the_archive_routes_to_the_node_and_gets_its_results(project: Project, tmp_path: Path) -> None:
    project.up_node()
    send(project, tmp_path, "routed")

    wait_until(lambda: modalities(project, 2) == ["MR", "MR", "OT", "OT", "SR", "SR"], PATIENCE_S)

    series = archive(project, "/dicom-web/series?Modality=SR")
    assert len({one["0020000D"]["Value"][0] for one in series}) == 2
