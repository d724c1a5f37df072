"""The command line of `predict`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from service import DISCLAIMER
from service.errors import ClientError

PROGRAM = "brain-mri-service predict"
_EPILOG = f"""Without --url the model of SERVICE_MODEL_PATH answers in this process, under the limits and policies of
the settings SERVICE_*. With --url no file name is sent, only content; certificates are verified, also against
the file that SSL_CERT_FILE names.

exit codes:
  0  every image was answered
  1  some images were refused; their lines say why
  2  an option, a file, the model or the server cannot be used; one line on standard error says which

{DISCLAIMER}"""


@dataclass(frozen=True)
class Options:
    """What was asked for; `as_table` is None where the kind of output decides."""

    paths: list[Path]
    url: str | None
    explain: Path | None
    frame: int | None
    as_table: bool | None
    api_key_file: Path | None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Leave it to the caller to say so in one line."""
        raise ClientError(f"{message} (see --help)")


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; raises ClientError, or SystemExit after `--help`."""
    given = _parser().parse_args(arguments)
    if given.api_key_file and not given.url:
        raise ClientError("--api-key-file is for a server: give its --url too.")
    return Options(given.file, given.url, given.explain, given.frame, given.as_table, given.api_key_file)


def _parser() -> _Parser:
    parser = _Parser(
        prog=PROGRAM,
        description="Classify files, ZIPs and folders: every frame of every file, as POST /predict/batch does.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", nargs="+", type=Path, metavar="FILE", help="image, volume, ZIP or folder of these")
    parser.add_argument("--url", help="ask the service there, such as https://mri.example:8000, and load no model")
    parser.add_argument("--explain", type=Path, metavar="DIR", help="write a heat-map overlay for each image into DIR")
    parser.add_argument("--frame", type=_frame, metavar="N", help="only frame N, from 0, as POST /predict?frame=N does")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", dest="as_table", action="store_false", default=None, help="JSON lines (when piped)")
    shape.add_argument("--table", dest="as_table", action="store_true", help="a table (on a terminal)")
    parser.add_argument("--api-key-file", type=Path, metavar="FILE", help="file that holds the API key or token")
    return parser


def _frame(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise argparse.ArgumentTypeError("a whole number from 0 is expected")
    return int(text)
