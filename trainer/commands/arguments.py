"""How options are read from the command line and shown in its help."""

import argparse
import dataclasses
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from trainer.config import TrainConfig


def add_config_options(parser: argparse.ArgumentParser, names: Collection[str] | None = None) -> None:
    """Add an option for each key of TrainConfig, or for those in `names`."""
    for item in dataclasses.fields(TrainConfig):
        if names is not None and item.name not in names:
            continue
        default = item.default if item.default is not dataclasses.MISSING else {}
        parser.add_argument(
            f"--{item.name.replace('_', '-')}",
            type=reader_of(default),
            metavar="VALUE",
            help=f"{item.metadata['help']} (default: {shown(default)})",
        )


def add_fit_only(parser: argparse.ArgumentParser) -> None:
    """Add `--fit-only`."""
    parser.add_argument(
        "--fit-only",
        action="store_true",
        help="stop once the network is fitted; the same command without it goes on. Needs no TensorFlow where "
        "KERAS_BACKEND is jax or torch",
    )


def say_fitted() -> None:
    """Say what to do after `--fit-only`."""
    print("fitted; the same command without --fit-only goes on: it calibrates, exports and evaluates")  # noqa: T201


def given_config(options: argparse.Namespace) -> dict[str, Any]:
    """Return the keys of TrainConfig that were given on the command line, with their values."""
    given = {item.name: getattr(options, item.name, None) for item in dataclasses.fields(TrainConfig)}
    return {name: value for name, value in given.items() if value is not None}


def reader_of(default: Any) -> Callable[[str], Any]:
    """Return the function that reads an option of the type of `default`."""
    if isinstance(default, bool):
        return boolean
    if isinstance(default, dict):
        return mapping
    if isinstance(default, tuple):
        return integers if default and isinstance(default[0], int) else names
    return type(default)


def boolean(text: str) -> bool:
    """Read true or false; raises ArgumentTypeError."""
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false")
    return text.lower() == "true"


def mapping(text: str) -> dict[str, str]:
    """Read `old=new,old=new`; raises ArgumentTypeError."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair]
    if any(not (name and equals and value) for name, equals, value in pairs):
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form old=new,old=new")
    return {name: value for name, _, value in pairs}


def counts(text: str) -> dict[str, int]:
    """Read `label=38,label=21`; raises ArgumentTypeError."""
    counts = mapping(text)
    if not all(count.isdecimal() and int(count) > 0 for count in counts.values()):
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form label=38,label=21")
    return {label: int(count) for label, count in counts.items()}


def named_place(text: str) -> tuple[str, Path]:
    """Read `name=folder`; raises ArgumentTypeError."""
    name, _, place = text.partition("=")
    if not (name and place):
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form photos=folder")
    return name, Path(place)


def names(text: str) -> tuple[str, ...]:
    """Read names that commas separate."""
    return tuple(part for part in text.split(",") if part)


def integers(text: str) -> tuple[int, ...]:
    """Read numbers that commas separate; raises ArgumentTypeError."""
    try:
        return tuple(int(part) for part in text.split(",") if part)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form 512,128") from error


def shown(default: Any) -> str:
    """Return a default as it would be typed."""
    if isinstance(default, dict):
        return ",".join(f"{key}={value}" for key, value in default.items()) or "none"
    return ",".join(map(str, default)) or "none" if isinstance(default, tuple) else str(default)
