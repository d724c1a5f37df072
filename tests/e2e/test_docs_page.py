"""Swagger UI in a real browser, under the service's Content-Security-Policy."""

import httpx
from playwright import sync_api

from tests.e2e.browser import chromium
from tests.peers import peer_missing


def test_the_documentation_shows_its_operations_and_breaks_no_policy(client: httpx.Client) -> None:
    path = chromium() or peer_missing("no Chromium is installed")
    complaints: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(str(client.base_url.join("/docs")))
        page.get_by_text("Classify one image").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").wait_for()
        browser.close()

    assert complaints == []
