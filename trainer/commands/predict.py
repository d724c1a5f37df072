"""`trainer predict`."""

import argparse
from pathlib import Path
from typing import Any

from trainer.commands.model import load_classifier
from trainer.errors import ConfigError

_MOST_PICTURES = 400


def add(commands: Any) -> None:
    """Add `trainer predict` to the sub-commands."""
    parser = commands.add_parser(
        "predict",
        help="classify unlabelled images: a CSV table and a grid of pictures",
        epilog="example: python -m trainer predict runs/scans/model.onnx new-scans --out predictions",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument(
        "data", type=Path, nargs="+", metavar="DATA", help="folder (with all folders in it), image or CSV manifest"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for predictions.csv and predictions.png"
    )
    parser.add_argument(
        "--grid", type=int, default=25, metavar="N", help="pictures in predictions.png, 0 for none (default: 25)"
    )
    parser.add_argument(
        "--novelty",
        choices=("refuse", "warn"),
        default="refuse",
        help="what to do with an image unlike the training images (default: refuse, as the service does)",
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Classify the files and print how many got which decision. Raises TrainerError."""
    if not 0 <= options.grid <= _MOST_PICTURES:
        raise ConfigError(f"--grid is {options.grid}; it must lie between 0 and {_MOST_PICTURES}")
    classifier = load_classifier(options.model)

    from trainer.prediction.files import TABLE, write_predictions

    counts = write_predictions(classifier, options.data, options.out, options.grid, options.novelty == "refuse")
    decisions = ", ".join(f"{count} {decision}" for decision, count in sorted(counts.items()))
    print(f"{counts.total()} files: {decisions}; {options.out / TABLE}")  # noqa: T201
    print(classifier.card.disclaimer)  # noqa: T201
