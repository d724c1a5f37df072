"""Which files the command line names: files as they are, folders with all that lies in them."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.errors import ClientError
from service.imaging.signatures import is_zip


@dataclass(frozen=True)
class NamedFile:
    """A regular file; `name` is its path as it was typed, fit to be printed."""

    path: Path

    @property
    def name(self) -> str:
        """The path as text; bytes that are no UTF-8 are replaced."""
        return os.fsencode(self.path).decode("utf-8", "replace")

    @property
    def is_archive(self) -> bool:
        """Whether it is a ZIP by its first bytes; raises ClientError where it cannot be read."""
        try:
            with self.path.open("rb") as file:
                return is_zip(file.read(4))
        except OSError as error:
            raise unreadable(self, error) from error


def find_files(paths: Iterable[Path]) -> list[NamedFile]:
    """Return the files, those of a folder sorted by their path.

    Left out of a folder: links to folders and what has a name that begins with a dot. Raises ClientError for a path
    that is not there or cannot be read, and for a folder without files.
    """
    return [NamedFile(path) for given in paths for path in _expand(given)]


def unreadable(file: NamedFile, error: OSError) -> ClientError:
    """Say why a file cannot be read."""
    return ClientError(f"{file.name}: {error.strerror or error}.")


def _expand(given: Path) -> list[Path]:
    named = NamedFile(given)
    try:
        mode = given.stat()
        found = sorted(_walk(given)) if given.is_dir() else [given]
    except (OSError, ValueError) as error:
        raise ClientError(f"{named.name}: {getattr(error, 'strerror', None) or error}.") from error
    if not found:
        raise ClientError(f"{named.name}: there is no file in this folder.")
    if not (given.is_dir() or given.is_file()):
        raise ClientError(f"{named.name}: this is neither a file nor a folder (mode {mode.st_mode:o}).")
    if denied := next((path for path in found if not os.access(path, os.R_OK)), None):
        raise ClientError(f"{NamedFile(denied).name}: Permission denied.")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if path.is_file())


def _raise(error: OSError) -> None:
    raise error
