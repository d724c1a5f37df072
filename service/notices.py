"""The warnings that go with a prediction."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from service.classifier import UNCERTAIN, Result
from service.imaging import Picture
from service.model_file import Card
from service.quality_notices import quality_notices
from service.schemas import PredictionWarning

_SAMPLE_EDGE = 64
_MEAN_CHROMA = 12.0


def notices(picture: Picture, result: Result, card: Card) -> Iterator[PredictionWarning]:
    """Yield what a reader of `result` should know."""
    yield from quality_notices(picture, result.quality, card.preprocess.size)
    if card.preprocess.channels == 1 and is_coloured(picture.image):
        yield PredictionWarning(
            code="colour-image", detail="The image is coloured; the model sees it in greyscale, as MRI is"
        )
    yield from _about_the_result(result, card)


def _about_the_result(result: Result, card: Card) -> Iterator[PredictionWarning]:
    if result.decision == UNCERTAIN:
        yield PredictionWarning(
            code="uncertain",
            detail=f"The top probability {result.probability:.3f} is below {card.thresholds.uncertain:.3f}, "
            "the limit for a decision",
        )
    if not result.in_distribution:
        yield PredictionWarning(code="out-of-distribution", detail=describe_novelty(result, card))


def describe_novelty(result: Result, card: Card) -> str:
    """Say how far the image is from the training images."""
    return (
        f"The image is unlike the images the model was trained on: novelty {result.novelty:.3g}, "
        f"threshold {card.thresholds.novelty:.3g}"
    )


def is_coloured(image: Image.Image) -> bool:
    """Whether the mean chroma (largest minus smallest of R, G, B) of a 64 x 64 sample exceeds 12 of 255.

    JPEG noise and small annotations in a greyscale scan stay well below it.
    """
    if image.mode != "RGB":
        return False
    sample = np.asarray(image.resize((_SAMPLE_EDGE, _SAMPLE_EDGE), Image.Resampling.BOX), dtype=np.int16)
    return float(np.ptp(sample, axis=-1).mean()) > _MEAN_CHROMA
