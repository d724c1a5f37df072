"""Results on their way: files by destination, each until its destination has taken it or it is a dead letter.

`outbox/DESTINATION/SERIES-OBJECT.dcm` waits, `dead/DESTINATION/SERIES-OBJECT.dcm` has been given up, with the reason
beside it (`.json`). An entry leaves one folder for the other in one step, so that an operator may move it back while
the node runs.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from service.dicom_node.durable import UNFINISHED, make_folder_durably, sync_folder, write_durably
from service.uid_key import KEY_LENGTH

_OBJECT, _REASON = ".dcm", ".json"


@dataclass(frozen=True)
class Entry:
    """One object for one destination; `series` is the key of what it is about, `made` in seconds since the epoch.

    `version` tells it from a later object of the same name.
    """

    destination: str
    name: str
    made: float
    version: int

    @property
    def series(self) -> str:
        """The key of the series."""
        return self.name[:KEY_LENGTH]


@dataclass(frozen=True)
class DeadLetter:
    """An entry that has been given up, and why."""

    entry: Entry
    reason: str
    attempts: int


class Outbox:
    """Its methods may be called from several threads, and raise OSError."""

    def __init__(self, root: Path) -> None:
        """`root` is the folder of the spool."""
        self._guard = threading.Lock()
        self._waiting = root / "outbox"
        self._dead = root / "dead"

    def open(self, destinations: Sequence[str]) -> None:
        """Make the folders, and remove what a node that was killed had not finished."""
        for name in destinations:
            make_folder_durably(self._waiting / name)
            make_folder_durably(self._dead / name)
        for path in self._waiting.glob(f"*/*{UNFINISHED}"):
            path.unlink()

    def put(self, destination: str, series: str, instance: str, data: bytes) -> None:
        """Send an object, in place of one that waits under the same name, once the disk has it."""
        with self._guard:
            write_durably(self._waiting / destination / f"{series}-{instance}{_OBJECT}", data)

    def destinations(self) -> list[str]:
        """Return the names of all destinations that entries are or were for."""
        return sorted(folder.name for folder in self._waiting.glob("*/"))

    def waiting(self, destination: str) -> list[Entry]:
        """Return what waits for a destination, oldest first."""
        return sorted(_entries(self._waiting / destination), key=lambda entry: (entry.made, entry.name))

    def dead(self) -> list[DeadLetter]:
        """Return what has been given up."""
        entries = (entry for folder in sorted(self._dead.glob("*/")) for entry in _entries(folder))
        return [DeadLetter(entry, *self._reason(entry)) for entry in entries]

    def load(self, entry: Entry) -> bytes:
        """Return the file of an entry that waits."""
        return self._path(self._waiting, entry).read_bytes()

    def delivered(self, entry: Entry) -> None:
        """Forget an entry that its destination has taken; one that has taken its place meanwhile goes on waiting."""
        path = self._path(self._waiting, entry)
        with self._guard, suppress(FileNotFoundError):
            if path.stat().st_ino == entry.version:
                path.unlink()

    def give_up(self, entry: Entry, reason: str, attempts: int) -> None:
        """Make a dead letter of an entry; `reason` says why in words without patient data."""
        path = self._path(self._dead, entry)
        note = {"reason": reason, "attempts": attempts, "given_up": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        write_durably(path.with_suffix(_REASON), json.dumps(note).encode())
        self._path(self._waiting, entry).replace(path)
        sync_folder(path.parent)
        sync_folder(self._waiting / entry.destination)

    def retry(self, entry: Entry) -> None:
        """Let a dead letter wait for its destination again, as if it were new."""
        source, path = self._path(self._dead, entry), self._path(self._waiting, entry)
        source.touch()
        source.replace(path)
        sync_folder(path.parent)
        source.with_suffix(_REASON).unlink(missing_ok=True)

    def purge(self, entry: Entry) -> None:
        """Remove a dead letter for good."""
        path = self._path(self._dead, entry)
        path.unlink(missing_ok=True)
        path.with_suffix(_REASON).unlink(missing_ok=True)

    def holds(self) -> set[str]:
        """Return the keys of all series of which a result waits or is a dead letter."""
        folders = (*self._waiting.glob("*/"), *self._dead.glob("*/"))
        return {path.name[:KEY_LENGTH] for folder in folders for path in folder.glob(f"*{_OBJECT}")}

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return for each destination how many entries wait, and how many dead letters there are."""
        return {name: (_count(self._waiting / name), _count(self._dead / name)) for name in self.destinations()}

    def _path(self, folder: Path, entry: Entry) -> Path:
        return folder / entry.destination / f"{entry.name}{_OBJECT}"

    def _reason(self, entry: Entry) -> tuple[str, int]:
        try:
            note = json.loads(self._path(self._dead, entry).with_suffix(_REASON).read_bytes())
            return str(note["reason"]), int(note["attempts"])
        except (OSError, ValueError, KeyError, TypeError):
            return "unknown", 0


def _entries(folder: Path) -> Iterator[Entry]:
    for path in folder.glob(f"*{_OBJECT}"):
        try:
            found = path.stat()
            yield Entry(folder.name, path.stem, found.st_mtime, found.st_ino)
        except FileNotFoundError:  # taken or moved meanwhile
            continue


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.glob(f"*{_OBJECT}"))
