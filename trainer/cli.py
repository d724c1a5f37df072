"""The command line: arguments in, one line and exit code 2 for every error of the trainer."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence

from service.library_logs import silence_image_libraries
from trainer.commands import audit, compare, cross_validate, evaluate, export, manifest, novelty, predict, split, train
from trainer.errors import TrainerError

EXIT_ERROR = 2
COMMANDS = (audit, split, train, cross_validate, compare, evaluate, novelty, predict, export, manifest)
_RESUMED = (train.run, cross_validate.run, compare.run)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # TensorFlow's default only on processors with AVX-512
    silence_image_libraries()
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
        remedy = "the same command resumes the run" if command in _RESUMED else "nothing half-written is left"
        print(f"trainer: interrupted; {remedy}", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m trainer", description="Train brain-MRI classifiers. Research use only."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser
