"""`trainer manifest`: turn a folder with a table of labels into a manifest of this project."""

import glob
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trainer.data.csv_rows import read_rows
from trainer.data.sample import Sample
from trainer.errors import DataError


@dataclass(frozen=True)
class TableSpec:
    """Where a CSV table keeps what a manifest needs.

    `images` and `masks` are folders beside the table. With `ordered` the files of each label, in the order of their
    numbers, are one series of slices whose patients are unknown but contiguous; so it excludes `group_column`. It gives
    the number of slices of the largest patient of each label.
    """

    path: Path
    images: str = "images"
    masks: str | None = None
    file_column: str = "file"
    label_column: str = "class"
    group_column: str | None = None
    ordered: Mapping[str, int] = field(default_factory=dict)


def read_table(spec: TableSpec, class_map: Mapping[str, str]) -> list[Sample]:
    """Return the samples of a table; raises DataError for a missing or empty table, a missing column or image."""
    if not spec.path.is_file():
        raise DataError(f"{spec.path}: no such table")
    if spec.ordered and spec.group_column:
        raise DataError("--ordered is for unknown patients; with --group-column they are known: leave one out")
    wanted = [spec.file_column, spec.label_column, *([spec.group_column] if spec.group_column else [])]
    samples = [_sample(spec, line, row, class_map) for line, row in read_rows(spec.path, wanted)]
    if not samples:
        raise DataError(f"{spec.path}: the table has no rows")
    if spec.ordered:
        samples.sort(key=lambda sample: (sample.label, _natural(sample.path.name)))
    return samples


def _sample(spec: TableSpec, line: int, row: Mapping[str, str], class_map: Mapping[str, str]) -> Sample:
    where = f"{spec.path}, line {line}"
    if not row[spec.label_column]:
        raise DataError(f"{where}: the column '{spec.label_column}' is empty")
    image = spec.path.parent / spec.images / row[spec.file_column]
    if not image.is_file():
        raise DataError(f"{where}: there is no file {image}; name the folder with --images")
    source = spec.path.resolve().parent.name
    label = class_map.get(row[spec.label_column], row[spec.label_column])
    mask = _mask(spec, image)
    group = row[spec.group_column] if spec.group_column else None
    if not spec.ordered:
        return Sample(image, label, source, group=group, mask=mask)
    if label not in spec.ordered:
        raise DataError(f"{where}: --ordered does not say how many slices the largest patient of '{label}' has")
    return Sample(image, label, source, mask=mask, series=f"{source}-{label}", block=spec.ordered[label])


def _mask(spec: TableSpec, image: Path) -> Path | None:
    if spec.masks is None:
        return None
    matches = sorted((spec.path.parent / spec.masks).glob(f"{glob.escape(image.stem)}.*"))
    return matches[0] if matches else None


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key under which 2.jpg comes before 10.jpg."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]
