import dataclasses

import numpy as np
import pytest
from PIL import Image

from service.classifier import UNCERTAIN, Result
from service.imaging import Picture
from service.model_file import Card
from service.notices import is_coloured, notices
from tests.tiny_model import card

CARD = Card.model_validate(card())
PICTURE = Picture(Image.new("L", (64, 64)), "PNG", 64, 64, frames=1)
RESULT = Result(
    label="glioma",
    probability=0.9,
    decision="glioma",
    probabilities={"glioma": 0.9, "meningioma": 0.1, "no_tumor": 0.0, "pituitary": 0.0},
    tumor_probability=1.0,
    prediction_set=("glioma",),
    novelty=0.5,
    in_distribution=True,
    heatmap=None,
)


def colour(red: int, green: int, blue: int) -> Image.Image:
    return Image.new("RGB", (64, 64), (red, green, blue))


@pytest.mark.parametrize(
    ("picture", "result", "expected"),
    [
        ({}, {}, []),
        (
            {"width": 31, "height": 96},
            {},
            [("low-resolution", "31 x 96 pixels; the model expects at least 32 x 32")],
        ),
        ({"width": 32, "height": 32}, {}, []),
        ({"frames": 12}, {}, []),
        (
            {"image": colour(200, 40, 40)},
            {},
            [("colour-image", "The image is coloured; the model sees it in greyscale, as MRI is")],
        ),
        ({"image": colour(120, 120, 120)}, {}, []),
        (
            {},
            {"decision": UNCERTAIN, "probability": 0.25},
            [("uncertain", "The top probability 0.250 is below 0.300, the limit for a decision")],
        ),
        (
            {},
            {"in_distribution": False, "novelty": 2.0},
            [
                (
                    "out-of-distribution",
                    "The image is unlike the images the model was trained on: novelty 2, threshold 1",
                )
            ],
        ),
    ],
)
def test_each_circumstance_has_its_warning(
    picture: dict[str, object], result: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    found = notices(dataclasses.replace(PICTURE, **picture), dataclasses.replace(RESULT, **result), CARD)

    assert [(warning.code, warning.detail) for warning in found] == expected


def test_colour_does_not_matter_to_a_model_that_sees_colour() -> None:
    sees_colour = Card.model_validate(card(preprocess={"size": 32, "channels": 3}))
    picture = dataclasses.replace(PICTURE, image=colour(200, 40, 40))

    assert list(notices(picture, RESULT, sees_colour)) == []


def test_a_small_red_mark_in_a_grey_scan_is_not_colour() -> None:
    pixels = np.full((200, 200, 3), 90, np.uint8)
    pixels[:20, :20] = (255, 0, 0)

    assert not is_coloured(Image.fromarray(pixels))
