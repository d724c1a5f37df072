"""The warnings of a picture that the model may not see well.

The limits were chosen on 1,427 scans of four public sets (at most 400 of each) and changed copies of them: see
`docs/formats.md`, "Warnings".
"""

from collections.abc import Iterator

from service.imaging import Picture, Quality
from service.schemas import PredictionWarning

LEAST_SHARPNESS = 0.25
MOST_WHITE = 0.05
MOST_BLACK = 0.5


def quality_notices(picture: Picture, quality: Quality | None, size: int) -> Iterator[PredictionWarning]:
    """Yield the warnings of `picture` and, where it was measured, of the input of edge `size` made of it."""
    if min(picture.width, picture.height) < size:
        yield PredictionWarning(
            code="low-resolution",
            detail=f"{picture.width} x {picture.height} pixels; the model expects at least {size} x {size}",
        )
    if quality is not None:
        yield from _measured(quality)
    if picture.dicom is not None and picture.dicom.burned_in_annotation == "YES":
        yield PredictionWarning(
            code="burnt-in-text",
            detail="(0028,0301) Burned In Annotation is YES: text in the picture may mislead the model, and may name "
            "the patient",
        )


def _measured(quality: Quality) -> Iterator[PredictionWarning]:
    if quality.white > MOST_WHITE or quality.black > MOST_BLACK:
        yield PredictionWarning(
            code="clipped",
            detail=f"{quality.white:.0%} of the middle of the picture is white and {quality.black:.0%} black "
            "altogether: the window may hide what the model looks for",
        )
    if quality.sharpness is not None and quality.sharpness < LEAST_SHARPNESS:
        yield PredictionWarning(
            code="blurred",
            detail=f"The edges are soft at the scale of the model: sharpness {quality.sharpness:.2f}, scans have at "
            f"least {LEAST_SHARPNESS:.2f}",
        )
