"""CSV manifests: `path,label` and, where known, the other `COLUMNS`. Paths are relative to the file."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from trainer.atomic import replacing
from trainer.data.csv_rows import read_rows
from trainer.data.sample import EXCLUDED, SPLITS, Sample
from trainer.errors import DataError

COLUMNS = ("path", "label", "group", "split", "mask", "source", "series", "block")


def read_manifest(path: Path) -> list[Sample]:
    """Read a manifest; rows with split `excluded` are left out.

    Raises DataError for missing columns, an unknown split or a row whose image does not exist.
    """
    samples = [_sample(path, line, row) for line, row in read_rows(path, ("path", "label"))]
    return [sample for sample in samples if sample.split != EXCLUDED]


def write_manifest(path: Path, samples: Iterable[Sample]) -> None:
    """Write the samples; an existing file is replaced only when the new one is whole.

    Raises DataError for a name that is not UTF-8.
    """
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for sample in samples:
            try:
                writer.writerow(_row(sample, path))
            except UnicodeEncodeError as error:
                raise DataError(f"{str(sample.path)!a}: the name is not UTF-8; rename the file") from error


def _row(sample: Sample, path: Path) -> list[object]:
    mask = _relative(sample.mask, path) if sample.mask else ""
    image = _relative(sample.path, path)
    return [image, sample.label, sample.group, sample.split, mask, sample.source, sample.series, sample.block]


def _sample(manifest: Path, line: int, row: dict[str, str]) -> Sample:
    values = {name: row.get(name, "").strip() for name in COLUMNS}
    where = f"{manifest}, line {line}"
    if not values["path"] or not values["label"]:
        raise DataError(f"{where}: path and label must not be empty")
    if values["split"] not in ("", EXCLUDED, *SPLITS):
        raise DataError(f"{where}: split '{values['split']}' is none of {', '.join(SPLITS)}")
    image = manifest.parent / values["path"]
    if not image.is_file():
        raise DataError(f"{where}: there is no file {image}")
    return Sample(
        path=image,
        label=values["label"],
        source=values["source"] or manifest.stem,
        group=values["group"] or None,
        split=values["split"] or None,
        mask=manifest.parent / values["mask"] if values["mask"] else None,
        series=values["series"] or None,
        block=_block(values["block"], where),
    )


def _block(text: str, where: str) -> int | None:
    if text and not (text.isdecimal() and int(text) > 0):
        raise DataError(f"{where}: block '{text}' is not a number of slices")
    return int(text) if text else None


def _relative(path: Path, manifest: Path) -> str:
    """Return `path` relative to the folder of `manifest`, links in both folders followed first: `..` is physical."""
    return Path(os.path.relpath(path.parent.resolve() / path.name, manifest.parent.resolve())).as_posix()
