"""The page without a mouse, on a phone, in the dark, and for those who ask where their images go."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import scans
from tests.e2e.browser import OpenPage

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


def test_all_of_it_works_by_keyboard(visit: OpenPage) -> None:
    here = visit()
    page = here.page
    page.on("filechooser", lambda _: None)  # from now on dialogs are caught; that takes Chromium a while

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
    assert here.place() == "Slice 6 of 9"
    page.keyboard.press("h")
    expect(page.get_by_role("switch", name="Heat map")).not_to_be_checked()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Slice", exact=True)).to_be_focused()
    page.keyboard.press("Home")
    assert here.place() == "Slice 1 of 9"
    assert page.locator("#slice").get_attribute("aria-valuetext") == "Slice 1 of 9, Blank image"
    expect(page.locator("#live")).to_contain_text("Slice 1. Blank image")


@pytest.mark.parametrize("files", [{"t1.nii.gz": scans.volume}, {"a.jpg": scans.jpeg, "b.jpg": scans.photograph}])
def test_it_fits_on_a_phone(visit: OpenPage, files: dict[str, Callable[[], bytes]]) -> None:
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
def test_it_is_dark_where_that_is_preferred(visit: OpenPage, files: dict[str, Callable[[], bytes]]) -> None:
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


def test_nothing_jumps_and_nothing_moves_where_that_is_not_wanted(visit: OpenPage) -> None:
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


POSTED = ("predict", "predict/batch", "render")


def test_the_image_goes_to_the_service_and_nothing_else_goes_anywhere(visit: OpenPage, url: str) -> None:
    here = visit()
    here.send_named({"MUELLER^ANNA-1970.jpg": scans.jpeg(), "MUELLER^ANNA-1971.dcm": scans.dicom_slice()})
    here.page.get_by_role("row", name="1970").click()
    assert here.shows("#heat")

    sent = [request for request in here.requests if request.method == "POST"]
    assert {request.url.partition("?")[0] for request in sent} <= {f"{url}/{path}" for path in POSTED}
    for request in here.requests:
        assert b"MUELLER" not in (request.post_data_buffer or b"") + request.url.encode()
        assert "MUELLER" not in str(request.headers)
    assert here.page.context.cookies() == []
    assert here.page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    assert here.page.evaluate("async () => (await indexedDB.databases()).length + (await caches.keys()).length") == 0
