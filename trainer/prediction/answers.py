"""What the service would say of a file, whatever the file holds."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.classifier import Classifier, Result
from service.errors import BlankImage, OutOfDistribution, ProblemError
from service.imaging import Limits, Picture
from service.notices import describe_novelty, notices


@dataclass(frozen=True)
class Answer:
    """One file: either a result with its warnings, or why there is none.

    `picture` is None when the file cannot be decoded. `refusal` is a short code and `detail` its explanation;
    `novelty` is known for a picture that was refused for it, too.
    """

    path: Path
    picture: Picture | None = None
    result: Result | None = None
    novelty: float | None = None
    warnings: tuple[str, ...] = ()
    refusal: str = ""
    detail: str = ""


def answer(classifier: Classifier, path: Path, refuse_novel: bool) -> Answer:
    """Read and classify `path`; nothing that it may hold raises.

    With `refuse_novel` a picture outside the training distribution gets no result, as the service does by default.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        return Answer(path, refusal="unreadable-file", detail=str(error.strerror))
    except MemoryError:
        return Answer(path, refusal="unreadable-file", detail="it is larger than the memory")
    return answer_to(classifier, path, data, refuse_novel)


def answer_to(classifier: Classifier, path: Path, data: bytes, refuse_novel: bool) -> Answer:
    """Classify `data`, the content of a file that is called `path`; nothing that it may hold raises."""
    try:
        picture = classifier.open(data, Limits())
    except ProblemError as error:
        return Answer(path, refusal=error.code, detail=error.detail)
    try:
        result = classifier.classify(picture)
    except BlankImage as error:
        return Answer(path, picture, refusal=error.code, detail=error.detail)
    return _described(classifier, path, picture, result, refuse_novel)


def _described(classifier: Classifier, path: Path, picture: Picture, result: Result, refuse_novel: bool) -> Answer:
    if not (math.isfinite(result.probability) and math.isfinite(result.novelty)):
        return Answer(path, picture, refusal="not-finite", detail="The model gave a value that is not finite.")
    if refuse_novel and not result.in_distribution:
        reason, detail = OutOfDistribution.code, describe_novelty(result, classifier.card)
        return Answer(path, picture, novelty=result.novelty, refusal=reason, detail=detail)
    warnings = (f"{one.code}: {one.detail}" for one in notices(picture, result, classifier.card))
    return Answer(path, picture, result, result.novelty, (*_about_frames(picture), *warnings))


def _about_frames(picture: Picture) -> Iterator[str]:
    """Yield what the service never says, since it asks which frame is meant."""
    if picture.frames > 1:
        yield f"multiple-frames: The file holds {picture.frames} frames; only the first was classified"
