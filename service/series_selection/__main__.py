"""`python -m service.series_selection FOLDER`: which series of a folder would be classified, and by which rule."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from service.errors import SettingsError
from service.library_logs import silence_image_libraries
from service.series_selection.facts import FACTS, facts_of
from service.series_selection.rules import SelectionRules, Verdict, read_rules, select

EXIT_REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each series of the folder; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m service.series_selection", description=__doc__)
    parser.add_argument("folder", type=Path, help="DICOM files, also in folders below")
    parser.add_argument("--rules", type=Path, help="TOML file (default: the rules that ship)")
    given = parser.parse_args(arguments)
    silence_image_libraries()
    try:
        rules = read_rules(given.rules)
        series = _series(given.folder)
    except SettingsError as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return EXIT_REFUSED
    for uid, files in sorted(series.items()):
        verdict = _verdict(files, rules)
        sys.stdout.write(f"{'taken' if verdict.taken else 'left'}  {uid}  {len(files)} files  {verdict.reason}\n")
    return 0


def _series(folder: Path) -> dict[str, list[Path]]:
    """Return the files of each series; raises SettingsError where there is none."""
    found: dict[str, list[Path]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            header = dcmread(path, stop_before_pixels=True, specific_tags=["SeriesInstanceUID"])
        except (InvalidDicomError, OSError):
            continue
        found.setdefault(str(header.get("SeriesInstanceUID", "")), []).append(path)
    if not found:
        raise SettingsError(f"{folder}: there is no DICOM file in this folder.")
    return found


def _verdict(files: list[Path], rules: SelectionRules) -> Verdict:
    """Return that of the first file that is taken, as the node does."""
    headers = (dcmread(path, stop_before_pixels=True, specific_tags=list(FACTS)) for path in files)
    verdicts = [select(facts_of(header, len(files)), rules) for header in headers]
    return next((one for one in verdicts if one.taken), verdicts[0])


if __name__ == "__main__":
    sys.exit(main())
