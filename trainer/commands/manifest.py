"""`trainer manifest`."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from trainer.commands.arguments import counts, mapping


def add(commands: Any) -> None:
    """Add `trainer manifest` to the sub-commands."""
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
        type=counts,
        default={},
        metavar="LABEL=N,LABEL=N",
        help="patients are unknown, but contiguous in the order of the file numbers; N: slices of the largest",
    )
    parser.add_argument("--class-map", type=mapping, default={}, metavar="A=B,C=D", help="rename labels")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Write the manifest. Raises TrainerError."""
    from trainer.data.label_table import TableSpec, read_table
    from trainer.data.manifest import write_manifest

    names = {item.name for item in dataclasses.fields(TableSpec)} - {"path"}
    spec = TableSpec(options.table, **{name: getattr(options, name) for name in names})
    samples = read_table(spec, options.class_map)
    write_manifest(options.out, samples)
    print(f"{len(samples)} images: {options.out}")  # noqa: T201
