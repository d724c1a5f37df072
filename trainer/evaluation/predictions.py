"""Labelled images answered by a model file, through the very classes that serve it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.classifier import Classifier, Result, interpret
from service.errors import ProblemError
from service.imaging import decode, is_blank, preprocess
from trainer.data.dataset import Skipped
from trainer.data.sample import Sample
from trainer.errors import DataError

BATCH = 32


@dataclass(frozen=True)
class Predictions:
    """The samples that could be decoded with one result each, and the files that could not."""

    samples: list[Sample]
    results: list[Result]
    skipped: list[Skipped]


def predict(classifier: Classifier, samples: Sequence[Sample], explain: bool = False) -> Predictions:
    """Decode, preprocess and classify every sample, with its heat map if `explain`.

    What the service would refuse to read is skipped and listed. Raises DataError when that is all of them.
    """
    kept: list[Sample] = []
    results: list[Result] = []
    skipped: list[Skipped] = []
    for start in range(0, len(samples), BATCH):
        batch = list(_decoded(classifier, samples[start : start + BATCH], skipped))
        if batch:
            scores = classifier.score(np.stack([pixels for _, pixels in batch]), explain)
            kept += [sample for sample, _ in batch]
            results += [interpret(classifier.card, scores, row) for row in range(len(batch))]
    if not kept:
        raise DataError("none of the files can be decoded")
    return Predictions(kept, results, skipped)


def _decoded(
    classifier: Classifier, samples: Sequence[Sample], skipped: list[Skipped]
) -> Iterator[tuple[Sample, NDArray[np.uint8]]]:
    spec = classifier.card.preprocess
    for sample in samples:
        try:
            pixels = preprocess(decode(sample.path.read_bytes(), target=spec.size), spec)
        except (ProblemError, OSError) as error:
            skipped.append(Skipped(sample.path, str(error)))
            continue
        if is_blank(pixels):
            skipped.append(Skipped(sample.path, "The image is blank; the service refuses such images."))
        else:
            yield sample, pixels
