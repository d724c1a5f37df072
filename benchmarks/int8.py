"""`python -m benchmarks.int8 FLOAT.onnx INT8.onnx`: time of one image on one thread, both files in turn."""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from service.classifier import Classifier

_WARM_UP = 10


def main() -> None:
    """Print the median of each file and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("float32", type=Path)
    parser.add_argument("int8", type=Path)
    parser.add_argument("--repeats", type=int, default=200)
    options = parser.parse_args()
    medians = interleaved_medians([Classifier(options.float32), Classifier(options.int8)], options.repeats)
    for name, seconds in zip(("float32", "int8"), medians, strict=True):
        print(f"{name}: {1000 * seconds:.2f} ms")
    print(f"int8 takes {medians[1] / medians[0]:.2f} of the time")


def interleaved_medians(classifiers: list[Classifier], repeats: int) -> list[float]:
    """Return the median seconds of each, measured in turn, so that a busy machine slows both alike."""
    spec = classifiers[0].card.preprocess
    shape = (1, spec.size, spec.size, spec.channels)
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    times: list[list[float]] = [[] for _ in classifiers]
    for _ in range(_WARM_UP + repeats):
        for classifier, own in zip(classifiers, times, strict=True):
            began = time.perf_counter()
            classifier.score(pixels)
            own.append(time.perf_counter() - began)
    return [statistics.median(own[_WARM_UP:]) for own in times]


if __name__ == "__main__":
    main()
