"""End-to-end tests talk to peers: programs outside this project, such as a Docker engine or a browser."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from service.settings import default_model_path
from tests.e2e.browser import OpenPage, chromium, launched, tabs
from tests.e2e.compose import Project, compose_command
from tests.peers import peer_missing
from tests.serving import serve, settings_for


@contextmanager
def built_project(service: str, timeout: float = 600, profile: str = "", **changes: str) -> Iterator[Project]:
    """Build the image of `service` under a project name of its own; what the project made is removed in the end.

    `changes` are variables of the compose file.
    """
    command = compose_command()
    if command is None:
        peer_missing("no Docker engine with compose answers")
    project = Project(command, **changes)
    try:
        project.compose(*(["--profile", profile] if profile else []), "build", service, timeout=timeout)
        yield project
    finally:
        project.remove()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; of a module, because Playwright keeps an event loop running in its thread."""
    path = chromium()
    if path is None:
        peer_missing("no Chromium is installed (apt-get install chromium)")
    with launched(path) as browser:
        yield browser


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The service with its default model."""
    with serve(settings_for(default_model_path())) as (client, _):
        yield str(client.base_url)


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[OpenPage]:
    """What opens the page in a tab."""
    with tabs(browser, url) as open_page:
        yield open_page
