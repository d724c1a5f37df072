"""`trainer train`."""

import argparse
from pathlib import Path
from typing import Any

from trainer.commands.arguments import add_config_options, add_fit_only, given_config, say_fitted
from trainer.config import load_preset, make_config, preset_names


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
    add_fit_only(parser)
    add_config_options(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Train, export and evaluate. Raises TrainerError."""
    preset = load_preset(options.preset) if options.preset else {}
    config = make_config(preset | given_config(options))

    from trainer.preparation import prepare

    prepared = prepare(options.data, options.out, config)
    if options.fit_only:
        from trainer.fitted import fit_run

        fit_run(prepared, options.out, config)
        say_fitted()
        return

    from trainer.evaluation.text_report import format_report
    from trainer.training import train  # TensorFlow takes seconds to import: what is wrong with the data is told before

    report = train(prepared, options.out, config)
    print(format_report(report))  # noqa: T201
    print(f"model: {options.out / 'model.onnx'}")  # noqa: T201
