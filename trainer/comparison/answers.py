"""What every network says of the same images, each of which one fold tests."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.classifier import Classifier
from trainer.data.sample import Sample
from trainer.errors import DataError
from trainer.evaluation.predictions import predict
from trainer.fold_runs.folds import held_out
from trainer.fold_runs.run import Run

Labels = Mapping[Path, str]
"""The label that was answered for each file."""


@dataclass(frozen=True)
class Answers:
    """N images with the class number that each network, and each control, answers to them.

    `folds` names for each image the fold that tests it; `left_out` are files that one of them could not answer to.
    """

    classes: tuple[str, ...]
    samples: list[Sample]
    folds: list[str]
    networks: dict[str, NDArray[np.int64]]
    controls: dict[str, NDArray[np.int64]]
    left_out: list[Path]

    @cached_property
    def truth(self) -> NDArray[np.int64]:
        """Class numbers `[N]` of the labels."""
        return np.array([self.classes.index(sample.label) for sample in self.samples], np.int64)

    @cached_property
    def groups(self) -> list[str]:
        """The group of each image."""
        return [sample.group or str(sample.path) for sample in self.samples]


def labels_of(runs: Sequence[Run]) -> dict[Path, str]:
    """Return what the exported files of a network answer, each to the images that its fold tests.

    Raises ModelFileError for a file that cannot be loaded.
    """
    labels: dict[Path, str] = {}
    for run in runs:
        found = predict(Classifier(run.model), held_out(run.manifest))
        labels |= {one.path: result.label for one, result in zip(found.samples, found.results, strict=True)}
    return labels


def pair_answers(manifests: Sequence[Path], networks: Mapping[str, Labels], controls: Mapping[str, Labels]) -> Answers:
    """Pair what all have answered to; the control `majority`, a constant answer at its best, is added.

    Raises DataError when there is no such image.
    """
    tested = [(manifest.stem, sample) for manifest in manifests for sample in held_out(manifest)]
    everyone = [*networks.values(), *controls.values()]
    kept = [(fold, sample) for fold, sample in tested if all(sample.path in labels for labels in everyone)]
    if not kept:
        raise DataError("there is no image that every network answers to")
    samples = [sample for _, sample in kept]
    classes = tuple(sorted({sample.label for _, sample in tested}))
    most_frequent = Counter(sample.label for sample in samples).most_common(1)[0][0]
    constant = {sample.path: most_frequent for sample in samples}
    return Answers(
        classes,
        samples,
        [fold for fold, _ in kept],
        {name: _codes(labels, samples, classes) for name, labels in networks.items()},
        {name: _codes(labels, samples, classes) for name, labels in {"majority": constant, **controls}.items()},
        [sample.path for _, sample in tested if any(sample.path not in labels for labels in everyone)],
    )


def _codes(labels: Labels, samples: Sequence[Sample], classes: Sequence[str]) -> NDArray[np.int64]:
    return np.array([classes.index(labels[sample.path]) for sample in samples], np.int64)
