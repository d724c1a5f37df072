"""`trainer compare`."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from trainer.commands.arguments import add_config_options, given_config, mapping, names
from trainer.commands.split import check_folds
from trainer.comparison.choice import MARGIN
from trainer.config import TrainConfig
from trainer.errors import ConfigError

_OWN = ("name", "backbone", "weights")
"""Keys that differ between the networks."""


def add(commands: Any) -> None:
    """Add `trainer compare` to the sub-commands."""
    parser = commands.add_parser(
        "compare",
        help="train several networks on the same folds and choose one by a stated rule",
        description="Every other option holds for all networks and goes before what their presets say.",
        epilog="example: python -m trainer compare scans --out comparison --folds 5 "
        "--presets four-class,four-class-mobilenet,four-class-cnn",
    )
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of classes, or CSV manifest")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of all runs; resumes there")
    parser.add_argument(
        "--presets", type=names, required=True, metavar="A,B,C", help="presets by name, or TOML files; one each network"
    )
    parser.add_argument(
        "--folds", type=int, metavar="K", help="each image tested in one of K folds (default: one hold-out)"
    )
    parser.add_argument(
        "--weights",
        type=mapping,
        default={},
        metavar="BACKBONE=FILE,...",
        help="initial weights of single backbones: a file, 'imagenet' or 'none' (default: as the preset says)",
    )
    parser.add_argument(
        "--margin",
        type=float,
        default=100 * MARGIN,
        metavar="POINTS",
        help="how far behind the most accurate network a faster one may be to be taken (default: %(default)g)",
    )
    keys = [item.name for item in dataclasses.fields(TrainConfig) if item.name not in _OWN]
    add_config_options(parser, keys)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Train what is not trained yet, compare, print the table and write it. Raises TrainerError."""
    given = {key: value for key, value in given_config(options).items() if key not in _OWN}
    check_folds(options.folds, given)
    if not 0 <= options.margin <= 100:
        raise ConfigError(f"--margin is {options.margin:g}; it must lie between 0 and 100 points")

    from service.errors import ModelFileError
    from trainer.comparison.comparing import compare
    from trainer.comparison.console import format_comparison
    from trainer.comparison.networks import read_networks
    from trainer.comparison.report_files import write_comparison

    networks = read_networks(options.presets, given, options.weights)
    try:
        report = compare(options.data, options.out, networks, options.folds, options.margin / 100)
    except ModelFileError as error:
        raise ConfigError(f"{error} Remove the folder of that run to train it again.") from error
    write_comparison(options.out, report)
    print(format_comparison(report))  # noqa: T201
    print(f"report: {options.out / 'comparison.html'}")  # noqa: T201
