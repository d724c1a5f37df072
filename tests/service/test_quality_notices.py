import dataclasses

import pytest
from PIL import Image, ImageFilter

from service.imaging import DicomFacts, Picture, PreprocessSpec, Quality, measure, preprocess
from service.phantom import brain_slice
from service.quality_notices import quality_notices

SPEC = PreprocessSpec(size=256, crop="brain")
SHARP = Quality(sharpness=0.5, black=0.01, white=0.0)
FACTS = DicomFacts("", "", "MR", (), "HEAD", "", "YES")


def picture(image: Image.Image, facts: DicomFacts | None = None) -> Picture:
    return Picture(image, "PNG", image.width, image.height, frames=1, dicom=facts)


def codes(one: Picture, quality: Quality | None = SHARP) -> list[str]:
    return [notice.code for notice in quality_notices(one, quality, SPEC.size)]


def scan(sigma: float = 0, gain: float = 1, offset: int = 0) -> Picture:
    image = Image.fromarray(brain_slice(3, "meningioma", 512)).point(lambda value: value * gain - offset)
    return picture(image.filter(ImageFilter.GaussianBlur(sigma)))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (scan(), []),
        (scan(sigma=1), []),
        (scan(sigma=6), ["blurred"]),
        (scan(gain=4), ["clipped"]),
        (scan(offset=110), ["clipped"]),
    ],
    ids=["sharp", "softened", "blurred", "white", "black"],
)
def test_a_picture_that_the_model_may_not_see_well_has_its_warning(one: Picture, expected: list[str]) -> None:
    assert codes(one, measure(preprocess(one, SPEC))) == expected


def test_what_was_not_measured_is_not_warned_of() -> None:
    assert codes(scan(), None) == []
    assert codes(scan(), Quality(sharpness=None, black=0.0, white=0.0)) == []


def test_a_small_picture_is_told_its_size() -> None:
    (notice,) = quality_notices(picture(Image.new("L", (80, 300))), SHARP, SPEC.size)

    assert (notice.code, notice.detail) == (
        "low-resolution",
        "80 x 300 pixels; the model expects at least 256 x 256",
    )


@pytest.mark.parametrize(("flag", "expected"), [("YES", ["burnt-in-text"]), ("NO", []), ("", []), ("MAYBE", [])])
def test_text_in_the_picture_is_told_where_the_header_says_so(flag: str, expected: list[str]) -> None:
    facts = dataclasses.replace(FACTS, burned_in_annotation=flag)

    assert codes(picture(Image.new("L", (300, 300)), facts)) == expected
