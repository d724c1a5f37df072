"""Read every file of a folder and print, as Markdown, what came of it: `python -m benchmarks.formats FOLDER...`.

A row is a kind of file: a format, of DICOM the transfer syntax. Names of files are not printed.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.errors import ProblemError
from service.imaging import open_image

_OBJECT = re.compile(r"(?<=this object) \([^)]*\)")


def kind_and_outcome(path: Path) -> tuple[str, int, str]:
    """Return the kind of a file, how many frames were decoded, and "read" or the code of the problem."""
    frames = 0
    try:
        source = open_image(path.read_bytes())
        for frame in range(source.frames):
            picture = source.picture(frame)
            frames += 1
    except ProblemError as problem:
        return "(refused)", frames, f"{problem.status} {problem.code}: {problem.detail}"
    kind = picture.format
    if picture.dicom:
        from pydicom.uid import UID

        syntax = UID(picture.dicom.transfer_syntax)
        kind = f"DICOM, {syntax.name} ({syntax})"
    return kind, frames, "read"


def table(paths: Sequence[Path]) -> Iterator[str]:
    """Yield the lines of two tables: what was read, and why the rest was not."""
    outcomes = [kind_and_outcome(path) for path in paths]
    files, frames = Counter(kind for kind, _, _ in outcomes), Counter[str]()
    for kind, count, _ in outcomes:
        frames[kind] += count
    yield "| read | files | frames |\n|---|---|---|"
    for kind in sorted(files):
        if kind != "(refused)":
            yield f"| {kind} | {files[kind]} | {frames[kind]} |"
    yield "\n| refused | files |\n|---|---|"
    refused = (_OBJECT.sub("", outcome) for _, _, outcome in outcomes if outcome != "read")
    for outcome, count in sorted(Counter(refused).items()):
        yield f"| {outcome} | {count} |"


def main(folders: Sequence[str]) -> int:
    """Print the tables of all files in `folders`, however deep."""
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.is_file())
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    for line in table([path for path in paths if path.suffix != ".csv"]):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
