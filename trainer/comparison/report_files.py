"""The files of a comparison: comparison.json and comparison.html."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer.atomic import replacing, write_json
from trainer.comparison.page import render


def write_comparison(folder: Path, report: Mapping[str, Any]) -> None:
    """Write `report` as JSON and as a page; both are made before the first is written, each is whole or not there."""
    page = render(report)
    with replacing(folder / "comparison.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    write_json(folder / "comparison.json", report)
