"""A data set: labelled image files from folders of classes or CSV manifests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trainer.data.manifest import read_manifest
from trainer.data.sample import Sample
from trainer.errors import DataError

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "valid": "validation",
    "val": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True)
class Skipped:
    """A file that is not used, and why."""

    path: Path
    reason: str


def load_samples(data: Sequence[Path], class_map: Mapping[str, str], keep_splits: bool) -> list[Sample]:
    """List the images of every folder or manifest in `data`, labels renamed by `class_map`.

    The split that a folder such as `Testing/` claims is dropped unless `keep_splits`; the one that a manifest gives
    is kept. Raises DataError for a missing or empty place.
    """
    samples: list[Sample] = []
    for place in data:
        if place.is_dir():
            found = list(_folder(place, keep_splits))
        elif place.is_file():
            found = read_manifest(place)
        else:
            raise DataError(f"{place}: no such folder or manifest")
        if not found:
            raise DataError(f"{place}: no images; expected one folder for each class, or rows in a manifest")
        samples += found
    return [replace(sample, label=class_map.get(sample.label, sample.label)) for sample in samples]


def of_split(samples: Iterable[Sample], split: str | None) -> list[Sample]:
    """Return the samples of `split` (None: all); raises DataError when there is none."""
    chosen = [sample for sample in samples if split in (None, sample.split)]
    if not chosen:
        raise DataError(f"no image of split '{split}' in the data")
    return chosen


def check_classes(samples: Iterable[Sample], min_images: int, labels: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the sorted class names of `samples` and of `labels`, which need not have a usable image.

    Raises DataError for one class only or a class with too few images.
    """
    counts = dict.fromkeys(labels, 0)
    for sample in samples:
        counts[sample.label] = counts.get(sample.label, 0) + 1
    if len(counts) < 2:
        raise DataError(f"the data has {len(counts)} class(es) {sorted(counts)}; at least two are needed")
    for label, count in sorted(counts.items()):
        if count < min_images:
            raise DataError(f"class '{label}' has {count} usable images; at least {min_images} are needed")
    return tuple(sorted(counts))


def _folder(root: Path, keep_splits: bool) -> Iterable[Sample]:
    children = _subfolders(root)
    splits = [child for child in children if child.name.lower() in SPLIT_FOLDERS]
    if not splits:
        yield from _classes(root, root)
    for child in splits:
        claimed = SPLIT_FOLDERS[child.name.lower()]
        for sample in _classes(root, child):
            yield replace(sample, folder_split=claimed, split=claimed if keep_splits else None)


def _classes(root: Path, folder: Path) -> Iterable[Sample]:
    for child in _subfolders(folder):
        files = [path for path in sorted(child.rglob("*")) if path.is_file() and not _hidden(path.relative_to(child))]
        if not files:
            raise DataError(f"{child}: a folder of a class without images; add some or remove it")
        for path in files:
            yield Sample(path, child.name, root.resolve().name)


def _hidden(path: Path) -> bool:
    """Tell whether the file or a folder above it is hidden, such as what notebooks and archives leave behind."""
    return any(part.startswith(".") for part in path.parts)


def _subfolders(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))
