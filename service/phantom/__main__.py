"""`python -m service.phantom OUT.png`: write a synthetic slice. Exit code 2 on bad arguments or an unwritable path."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, get_args

from PIL import Image

from service.phantom.lesions import Lesion
from service.phantom.mr_image import mr_image
from service.phantom.slices import MAX_SIZE, MIN_SIZE, brain_slice

_ENCODINGS: dict[str, dict[str, Any]] = {
    ".png": {"format": "PNG"},
    ".jpg": {"format": "JPEG", "quality": 95},
    ".jpeg": {"format": "JPEG", "quality": 95},
    ".bmp": {"format": "BMP"},
    ".tif": {"format": "TIFF"},
    ".tiff": {"format": "TIFF"},
    ".webp": {"format": "WEBP", "lossless": True},
}
_DICOM = ".dcm"
_FORMATS = ", ".join([*_ENCODINGS, _DICOM])


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the arguments, draw the slice, write the file; returns 0 or exits with code 2."""
    parser = _build_parser()
    options = parser.parse_args(arguments)
    encoding = _ENCODINGS.get(options.out.suffix.lower())
    if encoding is None and options.out.suffix.lower() != _DICOM:
        parser.error(f"cannot tell the format from {str(options.out)!r}; use one of {_FORMATS}")
    try:
        pixels = brain_slice(options.seed, options.lesion, options.size)
    except ValueError as error:
        parser.error(str(error))
    try:
        if encoding is None:
            options.out.write_bytes(mr_image(pixels, options.seed))
        else:
            Image.fromarray(pixels).save(options.out, **encoding)
    except OSError as error:
        parser.error(f"cannot write {str(options.out)!r}: {error.strerror or error}")
    return 0


def _build_parser() -> _Parser:
    parser = _Parser(
        prog="python -m service.phantom",
        description="Write a synthetic axial brain-MRI slice, for tests and demonstrations only.",
    )
    parser.add_argument("out", type=Path, metavar="OUT", help=f"file to write: {_FORMATS}")
    parser.add_argument("--lesion", choices=get_args(Lesion), default="none")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another head (default: 0)")
    parser.add_argument("--size", type=int, default=512, help=f"edge in pixels, {MIN_SIZE}..{MAX_SIZE} (default: 512)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
