"""`trainer cross-validate`."""

import argparse
from pathlib import Path
from typing import Any

from trainer.commands.arguments import add_config_options, add_fit_only, given_config, say_fitted
from trainer.commands.split import check_folds
from trainer.config import load_preset, make_config, preset_names
from trainer.errors import ConfigError
from trainer.fold_runs.network import Network


def add(commands: Any) -> None:
    """Add `trainer cross-validate` to the sub-commands."""
    parser = commands.add_parser(
        "cross-validate",
        help="train one network on every fold and score all images, each by the model that has not seen it",
        description="Every fold is a run of `trainer train` in a folder of its own. The same command resumes.",
        epilog="example: python -m trainer cross-validate scans --out crossvalidation --folds 5 --preset four-class",
    )
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of classes, or CSV manifest")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of all folds; resumes there")
    parser.add_argument(
        "--folds", type=int, default=5, metavar="K", help="each image tested in one of K folds (default: %(default)s)"
    )
    parser.add_argument("--preset", metavar="NAME", help=f"{', '.join(preset_names())}, or a TOML file")
    add_fit_only(parser)
    parser.add_argument(
        "--fold",
        type=int,
        metavar="NUMBER",
        help="with --fit-only: the one fold to fit, from 1",
    )
    add_config_options(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Train what is not trained yet, score all images, write the report and print it. Raises TrainerError."""
    given = given_config(options)
    check_folds(options.folds, given)
    preset = load_preset(options.preset) if options.preset else {}
    config = make_config(preset | given)
    network = Network(config.name, config)
    if options.fit_only or options.fold is not None:
        _fit(options, network)
        return

    from service.errors import ModelFileError
    from trainer.crossvalidation.crossvalidating import cross_validate
    from trainer.evaluation.text_report import format_report

    try:
        report = cross_validate(options.data, options.out, network, options.folds)
    except ModelFileError as error:
        raise ConfigError(f"{error} Remove the folder of that run to train it again.") from error
    print(format_report(report))  # noqa: T201
    print(f"report: {options.out / 'report.html'}")  # noqa: T201


def _fit(options: argparse.Namespace, network: Network) -> None:
    if not options.fit_only:
        raise ConfigError("--fold is for --fit-only: the report needs all folds; add --fit-only, or leave --fold out")
    if options.fold is not None and not 1 <= options.fold <= options.folds:
        raise ConfigError(f"--fold is {options.fold}; it must lie between 1 and {options.folds}")

    from trainer.crossvalidation.crossvalidating import fit_folds

    fit_folds(options.data, options.out, network, options.folds, options.fold)
    say_fitted()
