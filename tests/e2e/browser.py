"""Debian's Chromium, driven by Playwright: the page as a person has it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SERIOUS = ("serious", "critical")
PATIENCE_MS = 30_000


def chromium() -> str | None:
    """Return the path of the browser, or None where there is none."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Start the browser."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


OpenPage = Callable[..., "Visit"]
"""Opens the page in a tab: `visit()`, `visit(url)`, `visit(color_scheme="dark")`."""


class Visit:
    """One tab with the page open, which notes whatever it asks for and complains of."""

    def __init__(self, browser: Browser, url: str, **context: Any) -> None:
        self._context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | context))
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        self._url = url
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._listen(message.type, message.text))
        self.page.goto(url)
        expect(self.page.locator("#served")).to_contain_text("1.0.0")

    def _listen(self, kind: str, text: str) -> None:
        """Keep what the page does wrong; that a request was refused is what several tests are about."""
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.complaints.append(text)

    def send(self, **files: bytes) -> None:
        """Choose files by the hidden input, as the button does; a key is the name, with `__` for a dot."""
        self.send_named({name.replace("__", "."): data for name, data in files.items()})

    def send_named(self, files: dict[str, bytes]) -> None:
        """Choose files of any names and wait until all is said."""
        self.choose(files)
        self.wait()

    def choose(self, files: dict[str, bytes]) -> None:
        """Choose files and do not wait."""
        payload = [
            {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files.items()
        ]
        self.page.set_input_files("#chooser", payload)  # type: ignore[arg-type]

    def wait(self) -> None:
        """Wait until nothing is on its way."""
        expect(self.page.locator("#study")).to_be_visible()
        expect(self.page.locator("#progress")).to_be_hidden()

    def faults(self) -> list[str]:
        """Return what axe finds serious or critical in the present state, with the places."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{fault['id']}: {[node['target'] for node in fault['nodes']]}"
            for fault in found
            if fault["impact"] in _SERIOUS
        ]

    def decision(self) -> str:
        """Return the word that stands largest in the result."""
        return self.page.locator("#finding .decision").inner_text()

    def place(self) -> str:
        """Return which slice is shown, in words."""
        return self.page.locator("#viewer-place").inner_text()

    def shows(self, layer: str) -> bool:
        """Wait for the scan (`#base`) or the heat map (`#heat`) and return whether it is a picture."""
        expect(self.page.locator(layer)).to_be_visible()
        return bool(self.page.locator(layer).evaluate("image => image.naturalWidth > 0"))

    def saved(self, button: str) -> bytes:
        """Press a button that saves a file and return the file."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name=button).click()
        return waiting.value.path().read_bytes()

    def foreign(self) -> list[str]:
        """Return what was asked of any other place than the service."""
        own = urlsplit(self._url).netloc
        return [
            request.url
            for request in self.requests
            if urlsplit(request.url).scheme not in ("data", "blob") and urlsplit(request.url).netloc != own
        ]

    def leave(self) -> None:
        """Close the tab; raises AssertionError if the page broke its own rules."""
        self._context.close()
        assert self.complaints == []
        assert self.foreign() == []


@contextmanager
def tabs(browser: Browser, url: str) -> Iterator[OpenPage]:
    """Give what opens tabs; each must end without a complaint and without a request to another host."""
    visits: list[Visit] = []

    def open_page(address: str = url, **context: Any) -> Visit:
        visits.append(Visit(browser, address, **context))
        return visits[-1]

    yield open_page
    for visit in visits:
        visit.leave()
