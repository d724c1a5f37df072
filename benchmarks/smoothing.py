"""`python -m benchmarks.smoothing RUN`: what softening the images that are classified does to the validation score.

The weights are those of a finished run of `trainer train`, the images its validation split. They are shown to the
network behind its smoothing, softened in other ways or not at all, after a temperature fitted for each way. The test
images are not looked at.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
BATCH = 64


def as_they_are(pixels: Pixels) -> Pixels:
    """Return the images themselves."""
    return pixels


def moved_by_a_pixel(pixels: Pixels) -> Pixels:
    """Return images moved by a whole pixel in both directions; nothing is interpolated."""
    return np.pad(pixels, ((0, 0), (0, 1), (0, 1), (0, 0)), mode="edge")[:, 1:, 1:]


def moved_by_half_a_pixel(pixels: Pixels) -> Pixels:
    """Return images moved by half a pixel in both directions, by bilinear interpolation: means of 2 x 2 pixels."""
    padded = np.pad(pixels, ((0, 0), (0, 1), (0, 1), (0, 0)), mode="edge")
    return (padded[:, :-1, :-1] + padded[:, 1:, :-1] + padded[:, :-1, 1:] + padded[:, 1:, 1:]) / 4


def binomial(pixels: Pixels) -> Pixels:
    """Return images as the network softens them."""
    from trainer.network.smoothing import smoothed

    return np.asarray(smoothed(pixels))


WAYS: tuple[Callable[[Pixels], Pixels], ...] = (as_they_are, moved_by_a_pixel, moved_by_half_a_pixel, binomial)


def main() -> int:
    """Print calibrated loss and accuracy for each way."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a finished run")
    run = parser.parse_args().run
    import keras

    from service.classifier import Classifier
    from trainer.data.image_cache import load_images
    from trainer.data.manifest import read_manifest
    from trainer.export.keras_files import trained

    network = trained(run)
    if "smoothing" not in {layer.name for layer in network.layers}:
        print(f"{run}: its network does not smooth; train it with --smoothing true", file=sys.stderr)
        return 2
    behind_it = keras.Model(network.get_layer("smoothing").output, network.get_layer("logits").output)
    card = Classifier(run / "model.onnx").card
    samples = [sample for sample in read_manifest(run / "split.csv") if sample.split == "validation"]
    with TemporaryDirectory() as folder:
        images = load_images(samples, card.preprocess, Path(folder))
        pixels = np.array(images.pixels)
    truth = np.array([card.class_names.index(sample.label) for sample in images.samples])
    print(f"{len(pixels)} validation images of {run}")
    for way in WAYS:
        loss, accuracy = score(behind_it.predict, pixels, truth, way)
        print(f"{way.__name__.replace('_', ' '):<24}loss {loss:.3f}   accuracy {100 * accuracy:.1f} %")
    return 0


def score(
    predict: Callable[..., Pixels],
    pixels: NDArray[np.uint8],
    truth: NDArray[np.int64],
    way: Callable[[Pixels], Pixels],
) -> tuple[float, float]:
    """Return calibrated loss and accuracy of `pixels` `[N, S, S, C]`, changed in one way."""
    from trainer.fitting.calibration import fit_temperature, negative_log_likelihood, probabilities_of

    starts = range(0, len(pixels), BATCH)
    parts = [predict(way(pixels[start : start + BATCH].astype(np.float32)), verbose=0) for start in starts]
    logits = np.concatenate(parts).astype(np.float64)
    temperature = fit_temperature(logits, truth)
    hits = probabilities_of(logits, temperature).argmax(axis=1) == truth
    return negative_log_likelihood(logits, truth, temperature), float(hits.mean())


if __name__ == "__main__":
    sys.exit(main())
