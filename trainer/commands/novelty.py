"""`trainer novelty`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.commands.arguments import named_place
from trainer.commands.model import load_classifier
from trainer.data.sample import SPLITS
from trainer.errors import ConfigError

if TYPE_CHECKING:
    from service.classifier import Classifier
    from trainer.data.sample import Sample
    from trainer.refusals.tally import Tally

_MOST_PICTURES = 100_000


def add(commands: Any) -> None:
    """Add `trainer novelty` to the sub-commands."""
    parser = commands.add_parser(
        "novelty",
        help="measure how often a model refuses what is no MRI, and what is",
        epilog="example: python -m trainer novelty runs/scans/model.onnx --kind photos=holiday "
        "--scans runs/scans/split.csv --split test --json novelty.json",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument(
        "--kind",
        type=named_place,
        action="append",
        default=[],
        metavar="NAME=DATA",
        help="pictures that should be refused: a folder (with all folders in it), image or CSV manifest; repeatable",
    )
    parser.add_argument(
        "--scans",
        type=Path,
        action="append",
        default=[],
        metavar="DATA",
        help="scans that should be answered: folder of classes, or CSV manifest; repeatable",
    )
    parser.add_argument("--split", choices=SPLITS, help="only the scans of this split")
    parser.add_argument(
        "--synthetic",
        type=int,
        default=400,
        metavar="N",
        help="pictures to draw of each kind of noise, gradient, checkerboard, text and blank, 0: none (default: 400)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn (default: 0)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rates as JSON too")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Measure, print the table and write what is asked for. Raises TrainerError."""
    _check(options)
    classifier = load_classifier(options.model)

    from trainer.atomic import write_json
    from trainer.refusals.asking import ask_about_scans
    from trainer.refusals.report import format_report, make_report

    samples = _scans(options)
    report = make_report(classifier, _kinds(classifier, options), ask_about_scans(classifier, samples))
    if options.json:
        write_json(options.json, report | {"seed": options.seed})
    print(format_report(report))  # noqa: T201


def _check(options: argparse.Namespace) -> None:
    from trainer.refusals.synthetic import KINDS

    kinds = [*(KINDS if options.synthetic else ()), *(kind for kind, _ in options.kind)]
    if not 0 <= options.synthetic <= _MOST_PICTURES:
        raise ConfigError(f"--synthetic is {options.synthetic}; it must lie between 0 and {_MOST_PICTURES}")
    if options.seed < 0:
        raise ConfigError(f"--seed is {options.seed}; it must be at least 0")
    if repeated := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        raise ConfigError(f"--kind {repeated[0]}: there are two kinds of that name; give another name")
    if options.split and not options.scans:
        raise ConfigError(f"--split {options.split} is for scans; name them with --scans")
    if not (kinds or options.scans):
        raise ConfigError("nothing to measure; give --kind, --scans or --synthetic")
    if options.json and options.json.is_dir():
        raise ConfigError(f"{options.json}: is a folder; name the file to be written")


def _scans(options: argparse.Namespace) -> "list[Sample]":
    from trainer.data.dataset import load_samples, of_split

    samples = load_samples(options.scans, {}, keep_splits=True)
    return of_split(samples, options.split) if samples else []


def _kinds(classifier: "Classifier", options: argparse.Namespace) -> "list[Tally]":
    """Ask about the kinds; files are looked for first, so that a missing folder is told before minutes of work."""
    from trainer.data.image_files import find_files
    from trainer.refusals.asking import ask_about_files, ask_about_synthetic
    from trainer.refusals.synthetic import KINDS

    given = {kind: find_files([place]) for kind, place in options.kind}
    drawn = KINDS if options.synthetic else ()
    return [
        *(ask_about_files(classifier, kind, paths) for kind, paths in given.items()),
        *(ask_about_synthetic(classifier, kind, options.synthetic, options.seed) for kind in drawn),
    ]
