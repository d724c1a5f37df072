"""The report of a cross-validation: that of `trainer train`, over the pooled answers, and a row for each fold."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from service.model_file import Card
from trainer.atomic import replacing
from trainer.crossvalidation.answers import FoldAnswers
from trainer.evaluation.controls import accuracy_table
from trainer.evaluation.predictions import Predictions
from trainer.evaluation.report_folder import write_report
from trainer.evaluation.scores import evaluate
from trainer.evaluation.text_report import format_report
from trainer.splitting.groups import shared_between_sources


def make_report(
    folds: Sequence[FoldAnswers], pooled: Predictions, controls: Mapping[str, Mapping[Path, str]]
) -> dict[str, Any]:
    """Return the scores of the `pooled` answers of all `folds` as JSON data; `controls` are labels by file.

    The temperature differs from fold to fold, so there is no calibration before it. Raises DataError as `evaluate`.
    """
    report = evaluate(folds[0].card, pooled)
    said = {name: [labels.get(one.path, "") for one in pooled.samples] for name, labels in controls.items()}
    report["controls"] = accuracy_table(report, pooled.samples, said)
    report["shared"] = shared_between_sources(pooled.samples)
    report["folds"] = {fold.name: fold.row for fold in folds}
    return report


def write_files(out: Path, card: Card, pooled: Predictions, report: Mapping[str, Any]) -> None:
    """Write metrics.json, plots/, report.html and report.txt to the folder `out`; each file is whole or not there."""
    write_report(out, card, None, pooled, report)
    with replacing(out / "report.txt") as temporary:
        temporary.write_text(format_report(report) + "\n", encoding="utf-8")
