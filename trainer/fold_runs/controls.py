"""The controls on all folds: what is reached without looking at the anatomy."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from service.imaging import PreprocessSpec
from trainer.data.image_cache import load_images
from trainer.data.manifest import read_manifest
from trainer.evaluation.shortcuts import control_predictions

_THUMBNAIL = PreprocessSpec(size=64)


def control_labels(manifests: Sequence[Path], spec: PreprocessSpec = _THUMBNAIL) -> dict[str, dict[Path, str]]:
    """Return for each control its answer to every file, fitted on the training images of the fold that tests it.

    The controls see what the preprocessing of `spec` leaves of a picture.
    """
    labels: dict[str, dict[Path, str]] = {}
    with tempfile.TemporaryDirectory() as cache:
        for manifest in manifests:
            for name, answers in _of_fold(manifest, spec, Path(cache)).items():
                labels.setdefault(name, {}).update(answers)
    return labels


def _of_fold(manifest: Path, spec: PreprocessSpec, cache: Path) -> dict[str, dict[Path, str]]:
    images = load_images(read_manifest(manifest), spec, cache)
    rows = {split: [row for row, one in enumerate(images.samples) if one.split == split] for split in ("train", "test")}
    said = control_predictions(images.samples, images.pixels, rows["train"], rows["test"])
    paths = [images.samples[row].path for row in rows["test"]]
    return {name: dict(zip(paths, answers, strict=True)) for name, answers in said.items()}
