"""The image files of any place on disk, labelled or not."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from trainer.data.manifest import read_manifest
from trainer.errors import DataError


def find_files(places: Sequence[Path], ignored: Collection[Path] = ()) -> list[Path]:
    """List every file of the folders in `places`, however deep, the images of CSV manifests, and single files.

    Each file comes once, those of a folder in the order of their names. Hidden files and those in `ignored` are left
    out. Raises DataError for a place that is missing or holds no file.
    """
    unwanted = {path.resolve() for path in ignored}
    files: dict[Path, None] = {}
    for place in places:
        found = [path for path in _files_of(place) if path.resolve() not in unwanted]
        if not found:
            raise DataError(f"{place}: no files; name a folder with images, a manifest or an image")
        files |= dict.fromkeys(found)
    return list(files)


def _files_of(place: Path) -> Iterator[Path]:
    if place.is_dir():
        for path in sorted(place.rglob("*")):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(place).parts):
                yield path
    elif place.suffix.lower() == ".csv" and place.is_file():
        yield from (sample.path for sample in read_manifest(place))
    elif place.is_file():
        yield place
    else:
        raise DataError(f"{place}: no such file or folder")
