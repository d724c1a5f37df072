"""`trainer evaluate`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.commands.arguments import mapping
from trainer.commands.model import load_classifier
from trainer.errors import ConfigError

if TYPE_CHECKING:
    from service.classifier import Classifier
    from trainer.data.sample import Sample


def add(commands: Any) -> None:
    """Add `trainer evaluate` to the sub-commands."""
    parser = commands.add_parser(
        "evaluate",
        help="score a model file on labelled images",
        epilog="example: python -m trainer evaluate runs/scans/model.onnx runs/scans/split.csv --split test "
        "--report runs/scans/test",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of classes, or CSV manifest")
    parser.add_argument("--class-map", type=mapping, default={}, metavar="A=B,C=D", help="rename labels")
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test"),
        help="only the images of this split; the controls are fitted on those of the split train, where DATA has any",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scores as JSON too")
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="write report.html, metrics.json and the plots; shows your images"
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Score a model file, print the table and write what is asked for. Raises TrainerError."""
    from trainer.atomic import write_json
    from trainer.data.dataset import load_samples, of_split
    from trainer.evaluation.predictions import predict
    from trainer.evaluation.report_folder import write_report
    from trainer.evaluation.scores import evaluate
    from trainer.evaluation.temperature import temperature_of
    from trainer.evaluation.text_report import format_report

    if options.report and options.report.exists() and not options.report.is_dir():
        raise ConfigError(f"{options.report}: is a file; give --report a folder")
    classifier = load_classifier(options.model)
    samples = load_samples(options.data, options.class_map, keep_splits=True)
    chosen = of_split(samples, options.split)
    predictions = predict(classifier, chosen, explain=options.report is not None)
    report = evaluate(classifier.card, predictions, temperature_of(options.model))
    if options.split in ("validation", "test"):
        report["controls"] = _controls(classifier, report, samples, predictions.samples)
    if options.json:
        write_json(options.json, report)
    if options.report:
        write_report(options.report, classifier.card, classifier.sha256, predictions, report)
    print(format_report(report))  # noqa: T201
    if options.report:
        print(f"report: {options.report / 'report.html'}")  # noqa: T201


def _controls(
    classifier: "Classifier", report: dict[str, Any], samples: "Sequence[Sample]", scored: "Sequence[Sample]"
) -> dict[str, dict[str, float]]:
    from trainer.evaluation.controls import decode_and_control

    train = [sample for sample in samples if sample.split == "train"]
    return decode_and_control(report, train, scored, classifier.card.preprocess) if train else {}
