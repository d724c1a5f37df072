"""The int8 twin of a model file: quantised, and held against the float file by the gate."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from service.classifier import Classifier, Scores
from service.model_file import Card
from trainer.data.image_cache import load_images
from trainer.data.sample import Sample
from trainer.errors import DataError, ExportError
from trainer.export import onnx_file
from trainer.export.int8_gate import compare, failures
from trainer.export.quantization import quantize

logger = logging.getLogger(__name__)
CALIBRATION_IMAGES = 256
FLOAT_SHARES = (0.1, 0.25, 0.5)
_BATCH = 32


@dataclass(frozen=True)
class Int8Images:
    """Pixels `[N, S, S, C]`: `calibration` of training images, `held_out` with `truth` to measure the gate on."""

    calibration: NDArray[np.uint8]
    held_out: NDArray[np.uint8]
    truth: NDArray[np.int64]


def export_int8(source: Path, samples: Sequence[Sample], out: Path) -> dict[str, Any]:
    """Write the int8 twin of `source` to `out` and return the gate's figures; `samples` are those of its run.

    The smallest of `FLOAT_SHARES` that passes the gate is taken. Raises DataError when a split is missing, ExportError
    with the figures when none passes; then nothing is written.
    """
    classifier = Classifier(source)
    broken = []
    with TemporaryDirectory() as folder:
        images = int8_images(samples, classifier.card, Path(folder))
        for share in FLOAT_SHARES:
            model = quantize(source, images.calibration, share)
            figures = _measure(classifier, model, images, Path(folder) / "int8.onnx")
            found = failures(figures)
            logger.info("%s: %s", _describe(share), "; ".join(found) or "passes the gate")
            if not found:
                onnx_file.save(onnx_file.with_card(model, _card(classifier.card, share, figures)), out)
                return figures
            broken.append(f"{_describe(share)}: {', '.join(found)}")
    raise ExportError(f"{out}: not written: over the gate on {len(images.truth)} held-out images. {'. '.join(broken)}")


def int8_images(samples: Sequence[Sample], card: Card, folder: Path) -> Int8Images:
    """Decode the images of the three splits with a cache in `folder`; the gate is measured on validation and test."""
    images = load_images(samples, card.preprocess, folder)
    rows = {
        split: [row for row, sample in enumerate(images.samples) if sample.split == split]
        for split in ("train", "validation", "test")
    }
    for split, own in rows.items():
        if not own:
            raise DataError(f"the data hold no image of split '{split}'; give --data the split.csv of the run")
    held_out = rows["validation"] + rows["test"]
    unknown = {images.samples[row].label for row in held_out} - set(card.class_names)
    if unknown:
        raise DataError(f"the model does not know the label(s) {sorted(unknown)}; rename them with --class-map")
    chosen = np.sort(np.random.default_rng(0).permutation(rows["train"])[:CALIBRATION_IMAGES])
    truth = [card.class_names.index(images.samples[row].label) for row in held_out]
    return Int8Images(images.pixels[chosen], images.pixels[held_out], np.array(truth, np.int64))


def _measure(classifier: Classifier, model: onnx.ModelProto, images: Int8Images, candidate: Path) -> dict[str, Any]:
    """Return the gate's figures of `model`, which is saved as `candidate` and loaded as the service loads it."""
    onnx_file.save(onnx_file.with_card(model, classifier.card), candidate)
    before, after = score_all(classifier, images.held_out), score_all(Classifier(candidate), images.held_out)
    return compare(before, after, images.truth, classifier.card.class_names, classifier.card.thresholds.novelty)


def score_all(classifier: Classifier, pixels: NDArray[np.uint8]) -> Scores:
    """Return the scores of all `pixels`, without heat maps."""
    parts = [classifier.score(pixels[start : start + _BATCH]) for start in range(0, len(pixels), _BATCH)]
    return Scores(np.concatenate([p.probabilities for p in parts]), np.concatenate([p.novelty for p in parts]), None)


def _describe(share: float) -> str:
    return f"the first {100 * share:.0f} % of the convolutions in float"


def _card(card: Card, share: float, figures: dict[str, Any]) -> Card:
    """Return the card of the twin: what it is, the gate's figures, and the scores as those of the float file."""
    metrics = {"int8_gate": figures} | {f"float32_{name}": scores for name, scores in card.metrics.items()}
    return card.model_copy(
        update={"backbone": f"{card.backbone}; static QDQ int8, {_describe(share)}", "metrics": metrics}
    )
