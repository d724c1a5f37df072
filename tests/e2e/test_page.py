"""The page, driven as people drive it, against the running service with its default model."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service import DISCLAIMER
from tests.e2e import scans
from tests.e2e.browser import OpenPage

SIZE = "image => [image.naturalWidth, image.naturalHeight]"


def opacity_of(page: Page, layer: str) -> float:
    return float(page.locator(layer).evaluate("layer => getComputedStyle(layer).opacity"))


def test_before_any_image_it_says_what_it_is_for(visit: OpenPage) -> None:
    here = visit()

    expect(here.page.get_by_role("heading", name="Classify brain-MRI slices")).to_be_visible()
    expect(here.page.get_by_role("banner")).to_contain_text(DISCLAIMER)
    expect(here.page.get_by_role("main")).to_contain_text("No image is stored")
    expect(here.page.get_by_role("banner")).to_contain_text("brain-tumor-mri 1.0.0")
    assert here.faults() == []


def test_one_jpeg_is_classified_and_explained(visit: OpenPage) -> None:
    here = visit()
    here.send(scan__jpg=scans.jpeg())
    page = here.page

    assert here.decision() == "Glioma"
    assert page.locator("#finding .bar-row").count() == 4
    expect(page.locator("#finding .bar-row").first).to_contain_text("Glioma")
    for fact in ("Any tumour", "Cannot be excluded", "Novelty", "brain-tumor-mri 1.0.0", DISCLAIMER):
        expect(page.locator("#finding")).to_contain_text(fact)
    assert here.shows("#base") and here.shows("#heat")
    expect(page.locator("#live")).to_contain_text("Decision: Glioma")
    assert here.faults() == []


def test_the_heat_map_is_mixed_as_the_slider_says(visit: OpenPage) -> None:
    here = visit()
    here.send(scan__jpg=scans.jpeg())
    page = here.page
    assert here.shows("#heat")

    assert opacity_of(page, "#heat") == 0.5
    page.get_by_label("Opacity").fill("80")
    assert opacity_of(page, "#heat") == 0.8
    page.get_by_role("switch", name="Heat map").click()
    assert opacity_of(page, "#heat") == 0
    expect(page.get_by_label("Opacity")).to_be_disabled()


def test_the_picture_with_its_legend_can_be_saved(visit: OpenPage) -> None:
    here = visit()
    here.send(scan__jpg=scans.jpeg())

    assert here.saved("Save picture with legend").startswith(b"\x89PNG")


def test_the_synthetic_slice_is_answered(visit: OpenPage) -> None:
    here = visit()
    here.page.get_by_role("button", name="Try a synthetic slice").click()
    here.wait()

    assert here.decision() == "Glioma"


def test_a_dicom_file_is_shown_although_browsers_cannot_read_it(visit: OpenPage) -> None:
    here = visit()
    here.send(IM0001=scans.dicom_slice())

    assert here.decision() == "Meningioma"
    assert here.shows("#base") and here.shows("#heat")
    expect(here.page.locator("#facts")).to_have_text("DICOM 256 \u00d7 256")


def test_a_volume_opens_at_its_most_suspicious_slice(visit: OpenPage) -> None:
    here = visit()
    here.send(t1__nii__gz=scans.volume())
    page = here.page

    expect(page.locator("#viewer-place")).to_have_text("Slice 5 of 9")
    assert here.decision() == "Glioma"
    assert page.locator("#strip .suspicious").count() == 3
    assert page.locator("#strip .refused").count() == 1
    assert page.locator("#suspects button").all_inner_texts() == ["5", "6", "7"]
    expect(page.locator("#side-right")).to_have_text("R")
    assert here.shows("#heat")
    assert here.faults() == []


@pytest.mark.parametrize(
    ("scan", "stored", "layers"),
    [(scans.oblong_dicom, (256, 128), ("#base", "#heat")), (scans.oblong_volume, (86, 256), ("#base",))],
    ids=["answered", "refused"],
)
@pytest.mark.parametrize("width", [1280, 360])
def test_oblong_pixels_are_shown_in_their_shape(
    visit: OpenPage, scan: Callable[[], bytes], stored: tuple[int, int], layers: tuple[str, ...], width: int
) -> None:
    here = visit(viewport={"width": width, "height": 800})
    here.send(scan=scan())
    assert all(here.shows(layer) for layer in layers)

    stage = here.page.locator("#stage").bounding_box()
    for layer in layers:
        box, natural = here.page.locator(layer).bounding_box(), here.page.locator(layer).evaluate(SIZE)
        assert stage and box and tuple(natural) == stored
        assert box["width"] / box["height"] == pytest.approx(1, rel=0.02)
        assert max(box["width"] / stage["width"], box["height"] / stage["height"]) == pytest.approx(1, abs=0.01)
    assert here.faults() == []


def test_slices_are_leafed_through_by_slider_wheel_keys_and_strip(visit: OpenPage) -> None:
    here = visit()
    here.send(t1__nii__gz=scans.volume())
    page = here.page

    page.locator("#slice").fill("3")
    assert here.place() == "Slice 3 of 9"
    assert here.decision() == "No tumor"
    page.locator("#slice").press("ArrowRight")
    assert here.place() == "Slice 4 of 9"
    page.locator("#stage").press("ArrowDown")
    assert here.place() == "Slice 5 of 9"
    page.locator("#stage").press("End")
    assert here.place() == "Slice 9 of 9"
    page.locator("#stage").hover()
    page.mouse.wheel(0, -120)
    expect(page.locator("#viewer-place")).to_have_text("Slice 7 of 9")
    page.locator("#strip").click(position={"x": 3, "y": 20})
    assert here.place() == "Slice 1 of 9"
    assert here.decision() == "Blank image"
    assert sum("/render" in request.url for request in here.requests) == 2, "the first slice, then all at once"
    page.get_by_role("button", name="Show slice 6").click()
    assert here.place() == "Slice 6 of 9"
    assert here.shows("#heat")


def test_a_photograph_is_refused_with_the_reason_and_shown_all_the_same(visit: OpenPage) -> None:
    here = visit()
    here.send(holiday__jpg=scans.photograph())
    page = here.page

    assert here.decision() == "Image outside the training distribution"
    expect(page.locator("#finding")).to_contain_text("Send a brain MRI slice")
    expect(page.locator("#finding")).to_contain_text("accepted up to 1.00")
    assert here.shows("#base")
    expect(page.locator("#heat")).to_be_hidden()
    expect(page.get_by_role("switch", name="Heat map")).to_be_disabled()
    assert here.faults() == []
