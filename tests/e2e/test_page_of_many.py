"""Many files on the page: the table of their results, and the ways they come in."""

import base64
import csv
import io
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from service import DISCLAIMER
from tests.e2e import scans
from tests.e2e.browser import OpenPage, Visit


@pytest.fixture(scope="module")
def series(browser: Browser, url: str) -> Iterator[Visit]:
    """A tab in which twenty files have been answered; tests may sort and look, and that is all."""
    here = Visit(browser, url)
    here.send_named(scans.series())
    yield here
    here.leave()


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
    text = series.saved("Save CSV").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 20
    assert {"'=1+1.jpg", "'@letter.txt", "scan-00.jpg"} <= {row["file"] for row in rows}
    assert not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row.values() if cell)
    assert [row["problem"] for row in rows if row["status"] == "refused"] == ["unreadable-image", "unsupported-format"]
    assert float(rows[0]["p_glioma"]) > 0.9
    assert {row["disclaimer"] for row in rows} == {DISCLAIMER}


def test_the_table_can_be_kept_as_json(series: Visit) -> None:
    kept = json.loads(series.saved("Save JSON"))
    assert (len(kept["results"]), kept["disclaimer"]) == (20, DISCLAIMER)
    assert kept["results"][0]["prediction"]["model"]["name"] == "brain-tumor-mri"


MARKUP = "a/<img src=x onerror=alert(1)>.dcm"


def test_a_zip_is_opened_here_and_its_files_are_named(visit: OpenPage) -> None:
    here = visit()
    here.send_named({"study.zip": scans.archive({"a/one.jpg": scans.jpeg(), MARKUP: scans.dicom_slice()})})
    page = here.page

    names = page.locator("#table tbody th").all_inner_texts()
    assert names == ["a/one.jpg", MARKUP]
    expect(page.locator("#summary")).to_contain_text("2 images · 2 answered")


def test_a_zip_that_cannot_be_opened_here_is_refused_in_words(visit: OpenPage) -> None:
    here = visit()
    here.send_named({"study.zip": scans.archive({"one.jpg": scans.jpeg()})[:5000]})

    expect(here.page.locator("#finding .verdict")).to_contain_text("Not classified")
    expect(here.page.locator("#stage-note")).to_have_text("This image cannot be shown.")


CELLS = [
    ("scan.jpg", "scan.jpg"),
    ("=1+1", '"\'=1+1"'),
    (" @SUM(A1)", '"\' @SUM(A1)"'),
    ("-2", '"\'-2"'),
    ("\t=1", '"\'\t=1"'),
    ("\uff1d1", '"\'\uff1d1"'),
    ('say "hello", twice', '"say ""hello"", twice"'),
    (0.25, "0.25"),
    (None, ""),
]


@pytest.mark.parametrize(("value", "cell"), CELLS)
def test_no_cell_is_a_formula(series: Visit, value: object, cell: str) -> None:
    module = "async value => (await import(new URL('static/save.js', location.href))).cell(value)"

    assert series.page.evaluate(module, value) == cell


def test_images_can_be_dropped_and_pasted(visit: OpenPage) -> None:
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
