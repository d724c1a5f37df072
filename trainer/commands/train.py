"""`trainer train`."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from trainer.commands.arguments import reader_of, shown
from trainer.config import TrainConfig, load_preset, make_config, preset_names


def add(commands: Any) -> None:
    """Add `trainer train` to the sub-commands."""
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
            type=reader_of(default),
            metavar="VALUE",
            help=f"{item.metadata['help']} (default: {shown(default)})",
        )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Train, export and evaluate. Raises TrainerError."""
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
