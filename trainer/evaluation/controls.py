"""The accuracy of the controls on the very images that a model is scored on."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.imaging import PreprocessSpec
from trainer.data.image_cache import load_images
from trainer.data.sample import Sample
from trainer.evaluation.shortcuts import control_predictions

Table = dict[str, dict[str, float]]


def control_table(
    report: Mapping[str, Any], samples: Sequence[Sample], pixels: NDArray[np.uint8], test: Sequence[int]
) -> Table:
    """Return the accuracy of every control, over all images and for each source.

    The controls are fitted on the images of the split `train` and scored on the rows `test`; `report` is the evaluation
    of the model on those. `pixels` is uint8 `[N, S, S, C]`.
    """
    train = [row for row, sample in enumerate(samples) if sample.split == "train"]
    return accuracy_table(report, [samples[row] for row in test], control_predictions(samples, pixels, train, test))


def accuracy_table(report: Mapping[str, Any], samples: Sequence[Sample], said: Mapping[str, Sequence[str]]) -> Table:
    """Return the accuracy of `majority` and of the controls that answered `said`, over all `samples` and by source."""
    sources = np.array([sample.source for sample in samples])
    table = _majority(report)
    for name, labels in said.items():
        hits = np.array([label == sample.label for label, sample in zip(labels, samples, strict=True)])
        table[name] = {"overall": float(hits.mean())}
        table[name] |= {source: float(hits[sources == source].mean()) for source in sorted(set(sources))}
    return table


def decode_and_control(
    report: Mapping[str, Any], train: Sequence[Sample], test: Sequence[Sample], spec: PreprocessSpec
) -> Table:
    """Return the table for images that are not in memory yet; they are decoded into a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        images = load_images([*train, *test], spec, Path(folder))
        chosen = set(test)
        rows = [row for row, sample in enumerate(images.samples) if sample in chosen]
        return control_table(report, images.samples, images.pixels, rows)


def _majority(report: Mapping[str, Any]) -> Table:
    """Return the share of the most frequent class of the test images: what a constant answer reaches at best."""
    sections = {"overall": report["overall"], **report["sources"]}
    return {"majority": {name: scores["majority_control"] for name, scores in sections.items()}}
