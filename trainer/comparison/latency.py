"""How long one image takes on one thread, for several model files in turn."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.classifier import Classifier

REPEATS = 100
_WARM_UP = 10


@dataclass(frozen=True)
class Latency:
    """Quartiles of the time of one image in milliseconds: probabilities and novelty, without decoding."""

    lower_quartile: float
    median: float
    upper_quartile: float


def interleaved_latencies(classifiers: Sequence[Classifier], repeats: int = REPEATS) -> list[Latency]:
    """Time each in turn `repeats` times, so that a busy machine slows all alike; each sees noise of its own size.

    Classifiers made with one thread, as is their default, are timed on one.
    """
    images = [_noise(classifier) for classifier in classifiers]
    times = np.empty((_WARM_UP + repeats, len(classifiers)))
    for row in times:
        for place, (classifier, image) in enumerate(zip(classifiers, images, strict=True)):
            began = time.perf_counter()
            classifier.score(image)
            row[place] = 1000 * (time.perf_counter() - began)
    quartiles = np.percentile(times[_WARM_UP:], [25, 50, 75], axis=0)
    return [Latency(*column) for column in quartiles.T.tolist()]


def _noise(classifier: Classifier) -> NDArray[np.uint8]:
    spec = classifier.card.preprocess
    return np.random.default_rng(0).integers(0, 256, (1, spec.size, spec.size, spec.channels), dtype=np.uint8)
