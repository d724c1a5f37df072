"""`trainer split`."""

import argparse
from pathlib import Path
from typing import Any

from trainer.commands.arguments import add_config_options, given_config
from trainer.config import SPLIT_KEYS, make_config
from trainer.errors import ConfigError

_MOST_FOLDS = 20


def add(commands: Any) -> None:
    """Add `trainer split` to the sub-commands."""
    parser = commands.add_parser(
        "split",
        help="split data by group into a hold-out or into folds, as manifests for train and evaluate",
        epilog="example: python -m trainer split scans --folds 5 --out folds; "
        "python -m trainer train folds/fold-1.csv --out runs/fold-1",
    )
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of classes, or CSV manifest")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="new folder for split.csv, or for fold-1.csv and so on"
    )
    parser.add_argument(
        "--folds",
        type=int,
        metavar="K",
        help="K manifests, each image tested in one of them; splits that the data has are dropped",
    )
    add_config_options(parser, SPLIT_KEYS)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Write the manifests and print what they hold. Raises TrainerError."""
    values = given_config(options)
    check_folds(options.folds, values)
    config = make_config(values)

    from trainer.splitting.split_files import write_splits

    for line in write_splits(options.data, options.out, config, options.folds):
        print(line)  # noqa: T201


def check_folds(folds: int | None, values: dict[str, Any]) -> None:
    """Raise ConfigError when `folds` (None: a hold-out) or the keys given in `values` cannot be used with it."""
    if folds is None:
        return
    if not 2 <= folds <= _MOST_FOLDS:
        raise ConfigError(f"--folds is {folds}; it must lie between 2 and {_MOST_FOLDS}")
    for name in ("test_fraction", "keep_splits"):
        if name in values:
            raise ConfigError(f"--{name.replace('_', '-')} is for a hold-out, not for --folds: leave one of them out")
