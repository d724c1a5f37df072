"""`trainer evaluate`."""

import argparse
from pathlib import Path
from typing import Any

from trainer.commands.arguments import mapping
from trainer.commands.model import load_classifier


def add(commands: Any) -> None:
    """Add `trainer evaluate` to the sub-commands."""
    parser = commands.add_parser(
        "evaluate",
        help="score a model file on labelled images",
        epilog="example: python -m trainer evaluate runs/scans/model.onnx runs/scans/split.csv --split test",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of classes, or CSV manifest")
    parser.add_argument("--class-map", type=mapping, default={}, metavar="A=B,C=D", help="rename labels")
    parser.add_argument("--split", choices=("train", "validation", "test"), help="only the images of this split")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scores as JSON too")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Score a model file and print the table. Raises TrainerError."""
    from trainer.atomic import write_json
    from trainer.dataset import load_samples
    from trainer.errors import DataError
    from trainer.evaluation import evaluate, predict
    from trainer.report import format_report

    classifier = load_classifier(options.model)
    samples = load_samples(options.data, options.class_map, keep_splits=True)
    if options.split:
        samples = [sample for sample in samples if sample.split == options.split]
    if not samples:
        raise DataError(f"no image of split '{options.split}' in the data")
    report = evaluate(classifier.card, predict(classifier, samples))
    if options.json:
        write_json(options.json, report)
    print(format_report(report))  # noqa: T201
