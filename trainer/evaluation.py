"""Score a model file on labelled images, through the very classes that serve it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.classifier import UNCERTAIN, Classifier, Result, interpret
from service.errors import ProblemError
from service.imaging import decode, is_blank, preprocess
from service.model_file import Card
from trainer.dataset import Skipped
from trainer.errors import DataError
from trainer.metrics import auroc, classification_metrics
from trainer.sample import Sample

BATCH = 32


@dataclass(frozen=True)
class Predictions:
    """The samples that could be decoded with one result each, and the files that could not."""

    samples: list[Sample]
    results: list[Result]
    skipped: list[Skipped]


def predict(classifier: Classifier, samples: Sequence[Sample]) -> Predictions:
    """Decode, preprocess and classify every sample; what the service would refuse to read is skipped and listed."""
    kept: list[Sample] = []
    results: list[Result] = []
    skipped: list[Skipped] = []
    for start in range(0, len(samples), BATCH):
        batch = list(_decoded(classifier, samples[start : start + BATCH], skipped))
        if batch:
            scores = classifier.score(np.stack([pixels for _, pixels in batch]))
            kept += [sample for sample, _ in batch]
            results += [interpret(classifier.card, scores, row) for row in range(len(batch))]
    if not kept:
        raise DataError("none of the files can be decoded")
    return Predictions(kept, results, skipped)


def evaluate(card: Card, predictions: Predictions) -> dict[str, Any]:
    """Return the scores over all images and, where there are several, for each source."""
    unknown = sorted({s.label for s in predictions.samples} - set(card.class_names))
    if unknown:
        raise DataError(
            f"the model does not know the label(s) {unknown}; its classes are {list(card.class_names)}. "
            "Rename them with --class-map."
        )
    rows = range(len(predictions.samples))
    report: dict[str, Any] = {"overall": _scores(card, predictions, rows), "sources": {}}
    for source in sorted({s.source for s in predictions.samples}):
        own = [row for row in rows if predictions.samples[row].source == source]
        report["sources"][source] = _scores(card, predictions, own)
    report["grouped"] = any(sample.group for sample in predictions.samples)
    report["skipped"] = [{"file": skip.path.name, "reason": skip.reason} for skip in predictions.skipped]
    return report


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


def _scores(card: Card, predictions: Predictions, rows: Sequence[int]) -> dict[str, Any]:
    samples = [predictions.samples[row] for row in rows]
    results = [predictions.results[row] for row in rows]
    codes = {name: code for code, name in enumerate(card.class_names)}
    truth = np.array([codes[sample.label] for sample in samples])
    predicted = np.array([codes[result.label] for result in results])
    groups = [sample.group or str(sample.path) for sample in samples]
    decided = np.array([result.decision != UNCERTAIN for result in results])
    hits = truth == predicted
    return {
        **classification_metrics(truth, predicted, groups, card.class_names),
        "majority_control": float(np.bincount(truth).max() / len(truth)),
        "tumour": _tumour(card, truth, results, groups),
        "uncertain_rate": float(1 - decided.mean()),
        "accuracy_when_decided": float(hits[decided].mean()) if decided.any() else None,
        "prediction_set_coverage": float(
            np.mean([s.label in r.prediction_set for s, r in zip(samples, results, strict=True)])
        ),
        "prediction_set_size": float(np.mean([len(r.prediction_set) for r in results])),
        "refused_as_novel": float(np.mean([not r.in_distribution for r in results])),
    }


def _tumour(
    card: Card, truth: NDArray[np.int64], results: Sequence[Result], groups: Sequence[str]
) -> dict[str, Any] | None:
    if all(c.tumour is None for c in card.classes):
        return None
    positive = np.array([bool(card.classes[code].tumour) for code in truth])
    score = np.array([result.tumor_probability or 0.0 for result in results])
    area = auroc(positive, score, groups)
    if area is None:
        return None
    called = score >= 0.5
    return {
        **area,
        "sensitivity": float(called[positive].mean()),
        "specificity": float((~called[~positive]).mean()),
    }
