"""Rows of a CSV table with a header line."""

import csv
from collections.abc import Sequence
from pathlib import Path

from trainer.errors import DataError


def read_rows(path: Path, required: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return (line number, row) for every row of UTF-8 `path`; a cell that a short row lacks is "".

    Raises DataError for a file that is not CSV in UTF-8 or lacks one of the columns `required`.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            header = list(reader.fieldnames or ())
            missing = [name for name in required if name not in header]
            if missing:
                raise DataError(f"{path}: the columns {missing} are missing; it has {header!s:.200}")
            return [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: not a CSV file in UTF-8 ({error})") from error
