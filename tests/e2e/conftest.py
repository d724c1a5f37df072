"""End-to-end tests talk to peers: programs outside this project, such as a Docker engine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from tests.e2e.compose import Project, compose_command


def peer_missing(reason: str) -> NoReturn:
    """Skip the test; fail it where the machine has promised its peers (`REQUIRE_PEERS=1`, as .ci/run sets it)."""
    if os.environ.get("REQUIRE_PEERS") == "1":
        pytest.fail(f"REQUIRE_PEERS=1, but {reason}", pytrace=False)
    pytest.skip(reason)


@contextmanager
def built_project(service: str, timeout: float = 600) -> Iterator[Project]:
    """Build the image of `service` under a project name of its own; what the project made is removed in the end."""
    command = compose_command()
    if command is None:
        peer_missing("no Docker engine with compose answers")
    project = Project(command)
    try:
        project.compose("build", service, timeout=timeout)
        yield project
    finally:
        project.remove()
