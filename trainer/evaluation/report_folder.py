"""The folder of a report: metrics.json, plots/ and report.html."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.model_file import Card
from trainer.atomic import replacing, write_json
from trainer.evaluation.gallery import confident_errors
from trainer.evaluation.outcomes import outcomes_of
from trainer.evaluation.page import render
from trainer.evaluation.plots import plots
from trainer.evaluation.predictions import Predictions


def write_report(
    folder: Path, card: Card, sha256: str | None, predictions: Predictions, report: Mapping[str, Any]
) -> None:
    """Write `report`, its plots and the page that shows them beside the most confident errors of `predictions`.

    Everything is made before the first file is written; each file is whole or not there. `sha256` is that of the model
    file, None where `report["folds"]` names a file for each fold.
    """
    pictures = plots(report)
    cases = list(confident_errors(outcomes_of(card, predictions)))
    page = render(card, sha256, report, pictures, cases)
    for name, png in pictures.items():
        with replacing(folder / "plots" / f"{name}.png") as temporary:
            temporary.write_bytes(png)
    with replacing(folder / "report.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    write_json(folder / "metrics.json", report)
