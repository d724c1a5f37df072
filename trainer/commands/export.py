"""`trainer export`."""

import argparse
from pathlib import Path
from typing import Any

from trainer.commands.arguments import mapping
from trainer.commands.model import load_classifier
from trainer.errors import ConfigError

FORMATS = ("onnx", "int8", "keras", "h5", "savedmodel", "joblib")


def add(commands: Any) -> None:
    """Add `trainer export` to the sub-commands."""
    parser = commands.add_parser(
        "export",
        help="write a trained model in another format",
        description="The service serves onnx and int8. joblib is a pickle: the service never loads one, and neither "
        "should you unless you made it.",
        epilog="example: python -m trainer export runs/scans --format int8 --out runs/scans/model.int8.onnx",
    )
    parser.add_argument("model", type=Path, metavar="MODEL_OR_RUN", help="model.onnx, or the folder of a finished run")
    parser.add_argument("--format", choices=FORMATS, required=True, help="keras, h5 and savedmodel need the run")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--data", type=Path, metavar="SPLIT.csv", help="for int8 (default: split.csv beside the model)")
    parser.add_argument("--class-map", type=mapping, default={}, metavar="A=B,C=D", help="rename labels of --data")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Check the model file, then write the format that was asked for. Raises TrainerError."""
    source = options.model / "model.onnx" if options.model.is_dir() else options.model
    load_classifier(source)
    if options.out.is_dir() and options.format != "savedmodel":
        raise ConfigError(f"{options.out}: is a folder; give --out a file")
    if options.out.exists() and options.out.samefile(source):
        raise ConfigError(f"{options.out}: is the model itself; give --out another file")
    {"onnx": _onnx, "int8": _int8, "joblib": _joblib}.get(options.format, _keras)(source, options)
    print(f"{options.format}: {options.out}")  # noqa: T201


def _onnx(source: Path, options: argparse.Namespace) -> None:
    from trainer.atomic import replacing

    with replacing(options.out) as temporary:
        temporary.write_bytes(source.read_bytes())


def _int8(source: Path, options: argparse.Namespace) -> None:
    from trainer.data.dataset import load_samples
    from trainer.export.int8 import export_int8

    data = options.data or source.with_name("split.csv")
    figures = export_int8(source, load_samples([data], options.class_map, keep_splits=True), options.out)
    before, after = figures["float32"]["macro_f1"], figures["int8"]["macro_f1"]
    print(f"macro-F1 {100 * before:.1f} -> {100 * after:.1f} % on {figures['images']} held-out images")  # noqa: T201


def _keras(source: Path, options: argparse.Namespace) -> None:
    if not options.model.is_dir():
        raise ConfigError(f"{source}: --format {options.format} needs the folder of the run, which keeps the network")
    from trainer.export.keras_files import export_keras

    export_keras(options.model, options.format, options.out)


def _joblib(source: Path, options: argparse.Namespace) -> None:
    import logging

    from trainer.export.arrays_file import WARNING, export_arrays

    export_arrays(source, options.out)
    logging.getLogger(__name__).warning("warning: %s", WARNING)
