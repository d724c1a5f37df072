"""`trainer manifest`: turn a folder with a table of labels into a manifest of this project."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trainer.errors import DataError
from trainer.sample import Sample


@dataclass(frozen=True)
class TableSpec:
    """Where a CSV table keeps what a manifest needs.

    `images` and `masks` are folders beside the table. With `ordered` the files of each label, in the order of their
    numbers, are one series of slices whose patients are unknown but contiguous.
    """

    path: Path
    images: str = "images"
    masks: str | None = None
    file_column: str = "file"
    label_column: str = "class"
    group_column: str | None = None
    ordered: bool = False


def read_table(spec: TableSpec, class_map: Mapping[str, str]) -> list[Sample]:
    """Return the samples of a table; raises DataError for a missing table, column or image."""
    if not spec.path.is_file():
        raise DataError(f"{spec.path}: no such table")
    with spec.path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        wanted = [spec.file_column, spec.label_column, *([spec.group_column] if spec.group_column else [])]
        missing = [name for name in wanted if name not in (reader.fieldnames or ())]
        if missing:
            raise DataError(f"{spec.path}: the columns {missing} are missing; it has {reader.fieldnames}")
        samples = [_sample(spec, row, class_map) for row in reader]
    if spec.ordered:
        samples.sort(key=lambda sample: (sample.label, _natural(sample.path.name)))
    return samples


def _sample(spec: TableSpec, row: Mapping[str, str], class_map: Mapping[str, str]) -> Sample:
    image = spec.path.parent / spec.images / row[spec.file_column]
    if not image.is_file():
        raise DataError(f"{spec.path}: there is no file {image}; name the folder with --images")
    source = spec.path.parent.name
    label = class_map.get(row[spec.label_column], row[spec.label_column])
    mask = _mask(spec, image)
    group = row[spec.group_column] if spec.group_column else None
    return Sample(image, label, source, group=group, mask=mask, series=f"{source}-{label}" if spec.ordered else None)


def _mask(spec: TableSpec, image: Path) -> Path | None:
    if spec.masks is None:
        return None
    matches = sorted((spec.path.parent / spec.masks).glob(f"{image.stem}.*"))
    return matches[0] if matches else None


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key under which 2.jpg comes before 10.jpg."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]
