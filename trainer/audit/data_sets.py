"""The places to audit, as samples that say which data set they come from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from trainer.data.dataset import check_classes, load_samples
from trainer.data.sample import Sample
from trainer.errors import DataError

_HELD_OUT_FIRST = ("test", "validation", "train", None)


def load_data_sets(data: Sequence[Path], class_map: Mapping[str, str]) -> list[Sample]:
    """List the files of every place, those held out first, so that of two equal files the held-out one is kept.

    `split` is what a manifest gives; `folder_split` is what folders claim. Two places of the same name get sources of
    different names. Raises DataError for a place that is missing, empty or given twice, for fewer than two classes, and
    for a path that no report could name.
    """
    places = [place.resolve() for place in data]
    for place in places:
        if places.count(place) > 1:
            raise DataError(f"{place}: given twice; every file of it would be a repeat")
    samples: list[Sample] = []
    for place in data:
        found = load_samples([place], class_map, keep_splits=False)
        names = _free_names({sample.source for sample in found}, {sample.source for sample in samples})
        samples += [replace(sample, source=names[sample.source]) for sample in found]
    check_classes(samples, min_images=1)
    _check_names(samples)
    return sorted(samples, key=lambda sample: _HELD_OUT_FIRST.index(split_on_disk(sample)))


def split_on_disk(sample: Sample) -> str | None:
    """Return the split that the manifest gives or the folder claims."""
    return sample.split or sample.folder_split


def _check_names(samples: Iterable[Sample]) -> None:
    for sample in samples:
        try:
            str(sample.path).encode("utf-8")
        except UnicodeEncodeError as error:
            raise DataError(f"{str(sample.path)!a}: the name is not UTF-8; rename it") from error


def _free_names(names: set[str], taken: set[str]) -> dict[str, str]:
    """Map each name to itself or, where it is taken, to `name (2)`, `name (3)`, ..."""
    free: dict[str, str] = {}
    for name in sorted(names):
        candidate, number = name, 1
        while candidate in taken or candidate in free.values():
            number += 1
            candidate = f"{name} ({number})"
        free[name] = candidate
    return free
