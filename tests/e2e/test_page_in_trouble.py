"""What the page says when the service is full, away, slow, or asks who is there."""

import json
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Route, expect

from service.settings import default_model_path
from tests.e2e import scans
from tests.e2e.browser import OpenPage
from tests.serving import GatedClassifier, serve, settings_for, wait_until


def test_a_full_queue_is_said_and_retried_when_there_is_room(visit: OpenPage) -> None:
    classifier = GatedClassifier(default_model_path())
    settings = settings_for(default_model_path(), threads=1, queue_length=0)
    with serve(settings, classifier) as (client, _), ThreadPoolExecutor(1) as other:
        here = visit(str(client.base_url))
        first = other.submit(client.post, "/predict", files={"file": scans.jpeg()})
        wait_until(lambda: classifier.entered == 1)
        here.send(scan__jpg=scans.jpeg())

        again = here.page.get_by_role("button", name="Send again")
        expect(here.page.get_by_role("alert")).to_contain_text("Service is at capacity")
        assert here.faults() == []
        classifier.gate.set()
        assert first.result().status_code == 200
        expect(again).to_have_text("Send again")
        again.click()
        expect(here.page.locator("#finding .decision")).to_have_text("Glioma")
        here.leave()


def test_long_work_can_be_cancelled_and_gone_on_with(visit: OpenPage) -> None:
    classifier = GatedClassifier(default_model_path())
    with serve(settings_for(default_model_path(), threads=1), classifier) as (client, runtime):
        here = visit(str(client.base_url))
        here.choose({"one.jpg": scans.jpeg(), "two.jpg": scans.jpeg("meningioma")})
        wait_until(lambda: classifier.entered == 1)
        here.page.get_by_role("button", name="Cancel").click()
        expect(here.page.get_by_role("alert")).to_contain_text("Cancelled")
        assert here.page.locator("#table td.waits").count() == 2

        classifier.gate.set()
        wait_until(lambda: runtime.admission.occupied == 0)
        here.page.get_by_role("button", name="Send the rest").click()
        expect(here.page.locator("#summary")).to_contain_text("2 images · 2 answered")
        here.leave()


def test_a_service_that_asks_for_a_key_gets_it_and_nobody_else_does(visit: OpenPage) -> None:
    here = visit()
    here.page.route("**/predict?*", ask_for_key)
    here.send(scan__jpg=scans.jpeg())

    field = here.page.get_by_label("API key")
    expect(field).to_be_focused()
    assert here.faults() == []
    field.fill("secret-key")
    field.press("Enter")
    expect(here.page.locator("#finding .decision")).to_have_text("Glioma")
    assert "secret-key" not in here.page.content()
    assert not any("secret-key" in request.url for request in here.requests)


def ask_for_key(route: Route) -> None:
    """Stand for a service with keys: what is behind it is the real one."""
    if route.request.headers.get("x-api-key") == "secret-key":
        route.continue_()
        return
    problem = {"type": "/problems/unauthorized", "title": "Not authenticated", "status": 401, "detail": "Send a key."}
    route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(problem))


def test_a_service_that_is_away_is_said_in_words(visit: OpenPage) -> None:
    here = visit()
    here.page.route("**/predict?*", lambda route: route.abort())
    here.send(scan__jpg=scans.jpeg())

    expect(here.page.get_by_role("alert")).to_contain_text("The service does not answer")
    here.page.unroute("**/predict?*")
    here.page.get_by_role("button", name="Send again").click()
    expect(here.page.locator("#finding .decision")).to_have_text("Glioma")
