"""The command line: arguments in, one line and exit code 2 for every error of the trainer."""

import argparse
import dataclasses
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from trainer.config import TrainConfig, load_preset, make_config, preset_names
from trainer.errors import ConfigError, TrainerError

EXIT_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    warnings.filterwarnings("ignore", module=r"PIL\.")
    options = build_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except TrainerError as error:
        print(f"trainer: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_ERROR
    except ModuleNotFoundError as error:
        print(f"trainer: {error.name} is missing; pip install 'brain-mri-classifier[trainer]'", file=sys.stderr)  # noqa: T201
        return EXIT_ERROR
    except OSError as error:
        print(f"trainer: {error.filename or 'file system'}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("trainer: interrupted; the same command resumes the run", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m trainer", description="Train brain-MRI classifiers. Research use only."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands)
    _add_evaluate(commands)
    _add_manifest(commands)
    return parser


def _add_train(commands: Any) -> None:
    parser = commands.add_parser(
        "train",
        help="train on a folder of classes and export an ONNX model",
        epilog="example: python -m trainer train scans --out runs/scans --weights imagenet",
    )
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of classes, or CSV manifest")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder of the run; resumes there")
    parser.add_argument("--preset", metavar="NAME", help=f"{', '.join(preset_names())}, or a TOML file")
    for item in dataclasses.fields(TrainConfig):
        default = item.default if item.default is not dataclasses.MISSING else {}
        parser.add_argument(
            f"--{item.name.replace('_', '-')}",
            type=_reader(default),
            metavar="VALUE",
            help=f"{item.metadata['help']} (default: {_show(default)})",
        )
    parser.set_defaults(command=_train)


def _add_evaluate(commands: Any) -> None:
    parser = commands.add_parser(
        "evaluate",
        help="score a model file on labelled images",
        epilog="example: python -m trainer evaluate runs/scans/model.onnx runs/scans/split.csv --split test",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of classes, or CSV manifest")
    parser.add_argument("--class-map", type=_mapping, default={}, metavar="A=B,C=D", help="rename labels")
    parser.add_argument("--split", choices=("train", "validation", "test"), help="only the images of this split")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scores as JSON too")
    parser.set_defaults(command=_evaluate)


def _add_manifest(commands: Any) -> None:
    parser = commands.add_parser(
        "manifest",
        help="turn a folder with a CSV table of labels into a manifest",
        epilog="example: python -m trainer manifest lgg/slices.csv --label-column has_tumour --group-column patient "
        "--class-map 0=no_tumor,1=glioma --out lgg.csv",
    )
    parser.add_argument("table", type=Path, metavar="TABLE.csv")
    parser.add_argument("--out", type=Path, required=True, metavar="MANIFEST.csv")
    parser.add_argument("--images", default="images", help="folder of the images, beside the table (default: images)")
    parser.add_argument("--masks", help="folder of the masks, beside the table")
    parser.add_argument("--file-column", default="file", help="column of the file names (default: file)")
    parser.add_argument("--label-column", default="class", help="column of the labels (default: class)")
    parser.add_argument("--group-column", help="column of what must not straddle a split, such as the patient")
    parser.add_argument(
        "--ordered",
        type=_counts,
        default={},
        metavar="LABEL=N,LABEL=N",
        help="patients are unknown, but contiguous in the order of the file numbers; N: slices of the largest",
    )
    parser.add_argument("--class-map", type=_mapping, default={}, metavar="A=B,C=D", help="rename labels")
    parser.set_defaults(command=_manifest)


def _train(options: argparse.Namespace) -> None:
    values = load_preset(options.preset) if options.preset else {}
    for item in dataclasses.fields(TrainConfig):
        given = getattr(options, item.name)
        if given is not None:
            values[item.name] = given
    config = make_config(values)

    from trainer.preparation import prepare

    prepared = prepare(options.data, options.out, config)

    from trainer.report import format_report
    from trainer.training import train  # TensorFlow takes seconds to import: what is wrong with the data is told before

    report = train(prepared, options.out, config)
    print(format_report(report))  # noqa: T201
    print(f"model: {options.out / 'model.onnx'}")  # noqa: T201


def _evaluate(options: argparse.Namespace) -> None:
    from service.classifier import Classifier
    from service.errors import ModelFileError
    from trainer.atomic import write_json
    from trainer.dataset import load_samples
    from trainer.errors import DataError
    from trainer.evaluation import evaluate, predict
    from trainer.report import format_report

    try:
        classifier = Classifier(options.model)
    except ModelFileError as error:
        raise ConfigError(str(error)) from error
    samples = load_samples(options.data, options.class_map, keep_splits=True)
    if options.split:
        samples = [sample for sample in samples if sample.split == options.split]
    if not samples:
        raise DataError(f"no image of split '{options.split}' in the data")
    report = evaluate(classifier.card, predict(classifier, samples))
    if options.json:
        write_json(options.json, report)
    print(format_report(report))  # noqa: T201


def _manifest(options: argparse.Namespace) -> None:
    from trainer.manifest import write_manifest
    from trainer.table import TableSpec, read_table

    names = {item.name for item in dataclasses.fields(TableSpec)} - {"path"}
    spec = TableSpec(options.table, **{name: getattr(options, name) for name in names})
    samples = read_table(spec, options.class_map)
    write_manifest(options.out, samples)
    print(f"{len(samples)} images: {options.out}")  # noqa: T201


def _reader(default: Any) -> Callable[[str], Any]:
    """Return the function that reads an option of the type of `default`."""
    if isinstance(default, bool):
        return _boolean
    if isinstance(default, dict):
        return _mapping
    if isinstance(default, tuple):
        return _integers if default and isinstance(default[0], int) else _names
    return type(default)


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false")
    return text.lower() == "true"


def _mapping(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair]
    if any(not (name and equals and value) for name, equals, value in pairs):
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form old=new,old=new")
    return {name: value for name, _, value in pairs}


def _counts(text: str) -> dict[str, int]:
    counts = _mapping(text)
    if not all(count.isdecimal() and int(count) > 0 for count in counts.values()):
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form label=38,label=21")
    return {label: int(count) for label, count in counts.items()}


def _names(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _integers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form 512,128") from error


def _show(default: Any) -> str:
    if isinstance(default, dict):
        return ",".join(f"{key}={value}" for key, value in default.items()) or "none"
    return ",".join(map(str, default)) or "none" if isinstance(default, tuple) else str(default)
