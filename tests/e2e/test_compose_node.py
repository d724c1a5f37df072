"""The DICOM node in its container, built and run for real."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.compose import Container, Project
from tests.e2e.conftest import built_project
from tests.service.dicom_node.nodes import send
from tests.service.reports.scans import scan
from tests.serving import wait_until


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    with built_project("node", profile="pacs") as made:
        yield made


@pytest.fixture(scope="module")
def node(project: Project) -> tuple[Container, int]:
    return project.up_node()


def test_the_profile_is_valid_and_brings_an_archive(project: Project) -> None:
    services = project.compose("--profile", "pacs", "config", "--services").split()

    assert {"node", "orthanc", "service"} <= set(services)


def test_it_runs_without_privileges_on_a_root_that_is_read_only(node: tuple[Container, int]) -> None:
    container, _ = node
    status = container.process_status()

    assert container.execute("id", "-u") == "10001"
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert container.inspect()["HostConfig"]["ReadonlyRootfs"]


def test_it_takes_a_series_and_keeps_its_results_until_the_archive_is_there(
    project: Project, node: tuple[Container, int]
) -> None:
    """No archive runs beside it, so that its name is not even known: everything waits, also over a restart."""
    container, port = node
    assert send(port, [scan(number) for number in range(1, 4)]) == [0, 0, 0]

    wait_until(lambda: health_of(container)["destinations"][0]["waiting"] == 4)
    project.compose("--profile", "pacs", "restart", "node")
    again, _ = project.up_node()

    assert health_of(again)["destinations"][0]["waiting"] == 4
    assert health_of(again)["spool"]["objects"] == 3


def health_of(container: Container) -> Any:
    return httpx.get(f"{container.url}/health", timeout=10).json()
