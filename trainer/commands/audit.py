"""`trainer audit`."""

import argparse
from pathlib import Path
from typing import Any

from trainer.commands.arguments import mapping
from trainer.errors import ConfigError, TrainerError

_LEVELS = ("bytes", "pixels", "near", "mirrored")


def add(commands: Any) -> None:
    """Add `trainer audit` to the sub-commands."""
    parser = commands.add_parser(
        "audit",
        help="find bad files, repeats, leaks, label conflicts and shortcuts in a data set",
        epilog="example: python -m trainer audit scans --html audit.html --clean clean.csv",
    )
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of classes, or CSV manifest")
    parser.add_argument("--html", type=Path, metavar="REPORT.html", help="write a page with pictures, in one file")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings as JSON")
    parser.add_argument(
        "--clean", type=Path, metavar="MANIFEST.csv", help="write a manifest without bad and redundant files"
    )
    parser.add_argument(
        "--clean-level",
        choices=_LEVELS,
        default=_LEVELS[-1],
        help="the weakest likeness at which --clean leaves a copy out (default: %(default)s)",
    )
    parser.add_argument("--class-map", type=mapping, default={}, metavar="A=B,C=D", help="rename labels")
    parser.add_argument("--model", type=Path, metavar="MODEL.onnx", help="look for label errors by this model")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Audit and report. Raises TrainerError; reports are written last, and each is whole or not there."""
    try:
        _check_outputs([path for path in (options.html, options.json, options.clean) if path])
        _audit(options)
    except KeyboardInterrupt as error:
        raise TrainerError("interrupted before the reports were written; give the same command again") from error


def _audit(options: argparse.Namespace) -> None:
    from trainer.atomic import write_json
    from trainer.audit.auditing import audit
    from trainer.audit.console import format_audit
    from trainer.audit.data_sets import load_data_sets
    from trainer.audit.levels import Level
    from trainer.audit.page import write_page
    from trainer.audit.report import make_report
    from trainer.data.manifest import write_manifest

    classifier = _classifier(options.model) if options.model else None
    samples = load_data_sets(options.data, options.class_map)
    found = audit(samples, Level[options.clean_level.upper()], classifier)
    report = make_report(options.data, found)
    print(format_audit(report))  # noqa: T201
    if options.clean:
        write_manifest(options.clean, found.clean_samples)
    if options.json:
        write_json(options.json, report)
    if options.html:
        write_page(options.html, report, found)


def _check_outputs(paths: list[Path]) -> None:
    """Refuse before minutes of work what cannot be written after them."""
    for path in paths:
        if path.is_dir():
            raise ConfigError(f"{path}: is a folder; name the file to be written")
        if paths.count(path) > 1:
            raise ConfigError(f"{path}: named for two outputs; give each a file of its own")


def _classifier(model: Path) -> Any:
    from service.classifier import Classifier
    from service.errors import ModelFileError

    try:
        return Classifier(model)
    except ModelFileError as error:
        raise ConfigError(str(error)) from error
