"""The page, driven as people drive it, against the running service with its default model."""

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser, Download, Page, Route, expect

from service import DISCLAIMER
from service.settings import default_model_path
from tests.e2e import scans
from tests.e2e.browser import Visit, chromium, launched
from tests.e2e.conftest import peer_missing
from tests.serving import GatedClassifier, serve, settings_for, wait_until

Open = Callable[..., Visit]
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        peer_missing("no Chromium is installed (apt-get install chromium)")
    with launched(path) as browser:
        yield browser


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(settings_for(default_model_path())) as (client, _):
        yield str(client.base_url)


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Open]:
    """Open the page in a new tab; every tab must end without a complaint and without a request to another host."""
    visits: list[Visit] = []

    def open_page(address: str = url, **context: Any) -> Visit:
        visits.append(Visit(browser, address, **context))
        return visits[-1]

    yield open_page
    for one in visits:
        one.leave()


@pytest.fixture(scope="module")
def series(browser: Browser, url: str) -> Iterator[Visit]:
    """A tab in which twenty files have been answered; tests may sort and look, and that is all."""
    here = Visit(browser, url)
    here.send_named(scans.series())
    yield here
    here.leave()


def opacity_of(page: Page, layer: str) -> float:
    return float(page.locator(layer).evaluate("layer => getComputedStyle(layer).opacity"))


def shows_picture(page: Page, layer: str) -> bool:
    expect(page.locator(layer)).to_be_visible()
    return bool(page.locator(layer).evaluate("image => image.naturalWidth > 0"))


def saved(page: Page, button: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    download: Download = waiting.value
    return download.path().read_bytes()


def slice_number(page: Page) -> str:
    return page.locator("#viewer-place").inner_text()


def test_before_any_image_it_says_what_it_is_for(visit: Open) -> None:
    here = visit()

    expect(here.page.get_by_role("heading", name="Classify brain-MRI slices")).to_be_visible()
    expect(here.page.get_by_role("banner")).to_contain_text(DISCLAIMER)
    expect(here.page.get_by_role("main")).to_contain_text("No image is stored")
    expect(here.page.get_by_role("banner")).to_contain_text("brain-tumor-mri 1.0.0")
    assert here.faults() == []


def test_one_jpeg_is_classified_and_explained(visit: Open) -> None:
    here = visit()
    here.send(scan__jpg=scans.jpeg())
    page = here.page

    assert here.decision() == "Glioma"
    assert page.locator("#finding .bar-row").count() == 4
    expect(page.locator("#finding .bar-row").first).to_contain_text("Glioma")
    for fact in ("Any tumour", "Cannot be excluded", "Novelty", "brain-tumor-mri 1.0.0", DISCLAIMER):
        expect(page.locator("#finding")).to_contain_text(fact)
    assert shows_picture(page, "#base") and shows_picture(page, "#heat")
    expect(page.locator("#live")).to_contain_text("Decision: Glioma")
    assert here.faults() == []


def test_the_heat_map_is_mixed_as_the_slider_says(visit: Open) -> None:
    here = visit()
    here.send(scan__jpg=scans.jpeg())
    page = here.page
    assert shows_picture(page, "#heat")

    assert opacity_of(page, "#heat") == 0.5
    page.get_by_label("Opacity").fill("80")
    assert opacity_of(page, "#heat") == 0.8
    page.get_by_role("switch", name="Heat map").click()
    assert opacity_of(page, "#heat") == 0
    expect(page.get_by_label("Opacity")).to_be_disabled()


def test_the_picture_with_its_legend_can_be_saved(visit: Open) -> None:
    here = visit()
    here.send(scan__jpg=scans.jpeg())

    assert saved(here.page, "Save picture with legend").startswith(b"\x89PNG")


def test_the_synthetic_slice_is_answered(visit: Open) -> None:
    here = visit()
    here.page.get_by_role("button", name="Try a synthetic slice").click()
    here.wait()

    assert here.decision() == "Glioma"


def test_a_dicom_file_is_shown_although_browsers_cannot_read_it(visit: Open) -> None:
    here = visit()
    here.send(IM0001=scans.dicom_slice())

    assert here.decision() == "Meningioma"
    assert shows_picture(here.page, "#base") and shows_picture(here.page, "#heat")
    expect(here.page.locator("#facts")).to_have_text("DICOM 256 \u00d7 256")


def test_a_volume_opens_at_its_most_suspicious_slice(visit: Open) -> None:
    here = visit()
    here.send(t1__nii__gz=scans.volume())
    page = here.page

    expect(page.locator("#viewer-place")).to_have_text("Slice 5 of 9")
    assert here.decision() == "Glioma"
    assert page.locator("#strip .suspicious").count() == 3
    assert page.locator("#strip .refused").count() == 1
    assert page.locator("#suspects button").all_inner_texts() == ["5", "6", "7"]
    expect(page.locator("#side-right")).to_have_text("R")
    assert shows_picture(page, "#heat")
    assert here.faults() == []


def test_slices_are_leafed_through_by_slider_wheel_keys_and_strip(visit: Open) -> None:
    here = visit()
    here.send(t1__nii__gz=scans.volume())
    page = here.page

    page.locator("#slice").fill("3")
    assert slice_number(page) == "Slice 3 of 9"
    assert here.decision() == "No tumor"
    page.locator("#slice").press("ArrowRight")
    assert slice_number(page) == "Slice 4 of 9"
    page.locator("#stage").press("ArrowDown")
    assert slice_number(page) == "Slice 5 of 9"
    page.locator("#stage").press("End")
    assert slice_number(page) == "Slice 9 of 9"
    page.locator("#stage").hover()
    page.mouse.wheel(0, -120)
    expect(page.locator("#viewer-place")).to_have_text("Slice 7 of 9")
    page.locator("#strip").click(position={"x": 3, "y": 20})
    assert slice_number(page) == "Slice 1 of 9"
    assert here.decision() == "Blank image"
    page.get_by_role("button", name="Show slice 6").click()
    assert slice_number(page) == "Slice 6 of 9"
    assert shows_picture(page, "#heat")


def test_twenty_files_of_which_two_are_bad(series: Visit) -> None:
    page = series.page

    assert page.locator("#table tbody tr").count() == 20
    expect(page.locator("#summary")).to_contain_text("20 images · 18 answered · 2 refused")
    assert page.locator("#table td.refused").all_inner_texts() == ["Unreadable image", "Unsupported image format"]
    assert series.faults() == []


def test_the_table_is_sorted_and_shows_the_image_of_a_row(series: Visit) -> None:
    page = series.page
    tumours = page.locator("#table tbody tr td:nth-child(4)")

    page.get_by_role("button", name="Any tumour").click()
    assert page.get_by_role("columnheader", name="Any tumour").get_attribute("aria-sort") == "descending"
    assert tumours.first.inner_text() == "> 99.9 %"
    page.get_by_role("button", name="Any tumour").click()
    assert tumours.first.inner_text() == ""
    page.get_by_role("row", name="cut.jpg").click()
    assert series.decision() == "Unreadable image"
    expect(page.locator("#finding")).to_contain_text("Export the image again.")
    page.get_by_role("button", name="scan-02.jpg").press("Enter")
    assert series.decision() == "No tumor"
    assert page.locator("#table tr.shown").inner_text().startswith("scan-02.jpg")


def test_the_table_can_be_kept_as_csv_that_no_spreadsheet_runs(series: Visit) -> None:
    text = saved(series.page, "Save CSV").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 20
    assert {"'=1+1.jpg", "'@letter.txt", "scan-00.jpg"} <= {row["file"] for row in rows}
    assert not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row.values() if cell)
    assert [row["problem"] for row in rows if row["status"] == "refused"] == ["unreadable-image", "unsupported-format"]
    assert float(rows[0]["p_glioma"]) > 0.9
    assert {row["disclaimer"] for row in rows} == {DISCLAIMER}


def test_the_table_can_be_kept_as_json(series: Visit) -> None:
    kept = json.loads(saved(series.page, "Save JSON"))
    assert (len(kept["results"]), kept["disclaimer"]) == (20, DISCLAIMER)
    assert kept["results"][0]["prediction"]["model"]["name"] == "brain-tumor-mri"


def test_a_zip_is_opened_here_and_its_files_are_named(visit: Open) -> None:
    here = visit()
    here.send_named({"study.zip": scans.archive({"a/one.jpg": scans.jpeg(), "a/two.dcm": scans.dicom_slice()})})
    page = here.page

    names = page.locator("#table tbody th").all_inner_texts()
    assert names == ["a/one.jpg", "a/two.dcm"]
    expect(page.locator("#summary")).to_contain_text("2 images · 2 answered")


def test_a_photograph_is_refused_with_the_reason_and_shown_all_the_same(visit: Open) -> None:
    here = visit()
    here.send(holiday__jpg=scans.photograph())
    page = here.page

    assert here.decision() == "Image outside the training distribution"
    expect(page.locator("#finding")).to_contain_text("Send a brain MRI slice")
    expect(page.locator("#finding")).to_contain_text("accepted up to 1.00")
    assert shows_picture(page, "#base")
    expect(page.locator("#heat")).to_be_hidden()
    expect(page.get_by_role("switch", name="Heat map")).to_be_disabled()
    assert here.faults() == []


def test_a_full_queue_is_said_and_retried_when_there_is_room(visit: Open) -> None:
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


def test_long_work_can_be_cancelled_and_gone_on_with(visit: Open) -> None:
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


def test_a_service_that_asks_for_a_key_gets_it_and_nobody_else_does(visit: Open) -> None:
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


def test_a_service_that_is_away_is_said_in_words(visit: Open) -> None:
    here = visit()
    here.page.route("**/predict?*", lambda route: route.abort())
    here.send(scan__jpg=scans.jpeg())

    expect(here.page.get_by_role("alert")).to_contain_text("The service does not answer")
    here.page.unroute("**/predict?*")
    here.page.get_by_role("button", name="Send again").click()
    expect(here.page.locator("#finding .decision")).to_have_text("Glioma")


def test_all_of_it_works_by_keyboard(visit: Open) -> None:
    here = visit()
    page = here.page

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the images")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Choose files")).to_be_focused()
    with page.expect_file_chooser() as waiting:
        page.keyboard.press("Enter")
    waiting.value.set_files({"name": "t1.nii.gz", "mimeType": "application/gzip", "buffer": scans.volume()})
    here.wait()
    expect(page.locator("#viewer-title")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#stage")).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert slice_number(page) == "Slice 6 of 9"
    page.keyboard.press("h")
    expect(page.get_by_role("switch", name="Heat map")).not_to_be_checked()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Slice", exact=True)).to_be_focused()
    page.keyboard.press("Home")
    assert slice_number(page) == "Slice 1 of 9"
    assert page.locator("#slice").get_attribute("aria-valuetext") == "Slice 1 of 9, Blank image"
    expect(page.locator("#live")).to_contain_text("slice 1")


@pytest.mark.parametrize("files", [{"t1.nii.gz": scans.volume}, {"a.jpg": scans.jpeg, "b.jpg": scans.photograph}])
def test_it_fits_on_a_phone(visit: Open, files: dict[str, Callable[[], bytes]]) -> None:
    here = visit(**PHONE)
    here.send_named({name: make() for name, make in files.items()})
    page = here.page

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.locator("button:visible:not(#table button)").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 44).map(one => one.innerText)"
    )
    assert small == []
    assert here.faults() == []


@pytest.mark.parametrize("files", [{}, {"a.jpg": scans.jpeg, "b.jpg": scans.photograph}, {"t1.nii.gz": scans.volume}])
def test_it_is_dark_where_that_is_preferred(visit: Open, files: dict[str, Callable[[], bytes]]) -> None:
    here = visit(color_scheme="dark")
    if files:
        here.send_named({name: make() for name, make in files.items()})

    colour = here.page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert max(int(part) for part in colour[4:-1].split(",")) < 40
    assert here.faults() == []


WATCH_SHIFTS = """() => {
    window.shifts = 0;
    const add = list => list.getEntries().forEach(one => { window.shifts += one.hadRecentInput ? 0 : one.value; });
    new PerformanceObserver(add).observe({ type: "layout-shift" });
}"""


def test_nothing_jumps_and_nothing_moves_where_that_is_not_wanted(visit: Open) -> None:
    here = visit(reduced_motion="reduce")
    here.choose(scans.series())
    expect(here.page.locator("#study")).to_be_visible()
    here.page.evaluate(WATCH_SHIFTS)  # from here on nothing is the work of a hand
    here.wait()

    assert here.page.evaluate("window.shifts") < 0.02
    moving = here.page.evaluate(
        "() => [...document.all].filter(one => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"
    )
    assert moving == 0


def test_images_can_be_dropped_and_pasted(visit: Open) -> None:
    here = visit()
    put = """([event, kind, data]) => {
        const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], "scan.jpg", { type: "image/jpeg" }));
        const options = { bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer };
        document.body.dispatchEvent(new window[kind](event, options));
    }"""
    for event, kind, lesion in (("drop", "DragEvent", "glioma"), ("paste", "ClipboardEvent", "meningioma")):
        here.page.evaluate(put, [event, kind, base64.b64encode(scans.jpeg(lesion)).decode()])
        expect(here.page.locator("#finding .decision")).to_have_text(lesion.capitalize())


def test_the_image_goes_to_the_service_and_nothing_else_goes_anywhere(visit: Open, url: str) -> None:
    here = visit()
    here.send_named({"MUELLER^ANNA-1970.jpg": scans.jpeg(), "MUELLER^ANNA-1971.dcm": scans.dicom_slice()})
    here.page.get_by_role("row", name="1970").click()
    assert shows_picture(here.page, "#heat")

    sent = [request for request in here.requests if request.method == "POST"]
    assert {request.url.partition("?")[0] for request in sent} <= {f"{url}/{path}" for path in POSTED}
    for request in here.requests:
        assert b"MUELLER" not in (request.post_data_buffer or b"") + request.url.encode()
        assert "MUELLER" not in str(request.headers)
    assert here.page.context.cookies() == []
    assert here.page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    assert here.page.evaluate("async () => (await indexedDB.databases()).length + (await caches.keys()).length") == 0


POSTED = ("predict", "predict/batch", "render")
