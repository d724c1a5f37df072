"""Files that are there, whole, after a power cut."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".tmp"


def write_durably(path: Path, data: bytes) -> None:
    """Write a file in place of one that may be there; when this returns the disk has it. Raises OSError."""
    with _written(path, data) as unfinished:
        unfinished.replace(path)
    sync_folder(path.parent)


def create_durably(path: Path, data: bytes) -> bool:
    """Write a file unless it is there, and return whether it was not; the disk has it by then. Raises OSError."""
    with _written(path, data) as unfinished:
        try:
            os.link(unfinished, path)
        except FileExistsError:
            return False
    sync_folder(path.parent)
    return True


@contextmanager
def _written(path: Path, data: bytes) -> Iterator[Path]:
    """Give a file of another name that the disk has, and remove it if it is still there at last."""
    unfinished = path.with_name(f"{uuid.uuid4().hex}{UNFINISHED}")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def make_folder_durably(path: Path) -> None:
    """Make a folder, and those above it, for this user alone, unless it is there. Raises OSError."""
    if path.is_dir():
        return
    make_folder_durably(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Return once the disk has the names in the folder."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
