"""The durable spool: received objects on disk, by series, until their results are delivered.

`series/SERIES/INSTANCE.dcm` is an object, `INSTANCE.json` the model's answers to it, which can be computed again, and
`reported` lists the objects that the last result of the series was made of. Names are hashes of UIDs: nothing in them
tells of a patient.
"""

import errno
import fcntl
import json
import os
import shutil
import threading
import uuid
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from service.dicom_node import statuses
from service.dicom_node.durable import UNFINISHED, create_durably, make_folder_durably, sync_folder, write_durably
from service.dicom_node.received_object import ReceivedObject
from service.dicom_node.statuses import StoreRefused
from service.errors import SettingsError
from service.series import ObjectAnswers

_OBJECT, _ANSWERS, _REPORTED = ".dcm", ".json", "reported"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class Spool:
    """One node has a spool at a time. Its methods may be called from several threads, and raise OSError."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        """Take the folder into use; raises SettingsError where it cannot be, or where another node uses it."""
        self.root = root
        self._series = root / "series"
        self._trash = root / "trash"
        self._max_bytes = max_bytes
        self._guard = threading.Lock()
        self._refused_last = False
        try:
            for folder in (self._series, self._trash):
                make_folder_durably(folder)
            self._lock = _lock(root / "lock")
        except OSError as error:
            raise SettingsError(f"SERVICE_NODE_SPOOL={root}: cannot be used ({error.strerror}).") from error
        self._drop_leftovers()
        self._used = sum(path.stat().st_size for path in self._series.glob(f"*/*{_OBJECT}"))

    @property
    def used(self) -> int:
        """Bytes of the received objects."""
        return self._used

    @property
    def is_crowded(self) -> bool:
        """Whether four fifths of the room are taken."""
        return self._used > self._max_bytes * 4 // 5

    @property
    def is_full(self) -> bool:
        """Whether the last object was refused for want of room."""
        return self._refused_last

    def add(self, received: ReceivedObject) -> None:
        """Keep an object unless it is here, safe from a power cut. Raises StoreRefused where there is no room."""
        size = len(received.data)
        with self._guard:
            self._refused_last = self._used + size > self._max_bytes
            if self._refused_last:
                raise StoreRefused(statuses.SPOOL_FULL)
            self._used += size
        is_new = False
        try:
            folder = self._series / received.series
            make_folder_durably(folder)
            is_new = create_durably(folder / f"{received.instance}{_OBJECT}", received.data)
        except OSError as error:
            if error.errno in _NO_SPACE:
                self._refused_last = True
                raise StoreRefused(statuses.DISK_FULL) from error
            raise
        finally:
            self._give_back(0 if is_new else size)

    def series(self) -> list[str]:
        """Return the keys of all series."""
        return [folder.name for folder in self._series.iterdir()]

    def instances(self, series: str) -> list[str]:
        """Return the keys of the objects of a series."""
        return [path.stem for path in (self._series / series).glob(f"*{_OBJECT}")]

    def path(self, series: str, instance: str) -> Path:
        """Return where the file of an object is."""
        return self._series / series / f"{instance}{_OBJECT}"

    def load(self, series: str, instance: str) -> bytes:
        """Return the file of an object."""
        return self.path(series, instance).read_bytes()

    def keep_answers(self, series: str, instance: str, answers: str) -> None:
        """Keep what the model said of an object, `ObjectAnswers` as JSON, until a power cut perhaps."""
        path = self._series / series / f"{instance}{_ANSWERS}"
        unfinished = path.with_suffix(f".{uuid.uuid4().hex}{UNFINISHED}")
        unfinished.write_text(answers, "utf-8")
        unfinished.replace(path)

    def answers(self, series: str, instance: str, model_sha256: str) -> ObjectAnswers | None:
        """Return what that model said of an object, None where it was not asked yet or the file is damaged."""
        try:
            text = (self._series / series / f"{instance}{_ANSWERS}").read_text("utf-8")
            answers = ObjectAnswers.model_validate_json(text)
        except (FileNotFoundError, ValidationError, UnicodeDecodeError):
            return None
        return answers if answers.model.sha256 == model_sha256 else None

    def mark_reported(self, series: str, instances: Iterable[str]) -> None:
        """Note of which objects a result is on its way."""
        write_durably(self._series / series / _REPORTED, json.dumps(sorted(instances)).encode())

    def reported(self, series: str) -> tuple[frozenset[str], float]:
        """Return the objects of the last result, and when it was made (seconds since the epoch); nothing, 0 before."""
        path = self._series / series / _REPORTED
        try:
            return frozenset(json.loads(path.read_bytes())), path.stat().st_mtime
        except (FileNotFoundError, ValueError):
            return frozenset(), 0.0

    def remove(self, series: str) -> None:
        """Remove a series: at once from the spool, then from the disk."""
        folder = self._trash / uuid.uuid4().hex
        size = sum(path.stat().st_size for path in (self._series / series).glob(f"*{_OBJECT}"))
        (self._series / series).rename(folder)
        sync_folder(self._series)
        self._give_back(size)
        self._refused_last = False
        shutil.rmtree(folder, ignore_errors=True)  # what is left goes at the next start

    def close(self) -> None:
        """Let another node have the spool."""
        os.close(self._lock)

    def _give_back(self, size: int) -> None:
        with self._guard:
            self._used -= size

    def _drop_leftovers(self) -> None:
        """Remove what a node that was killed had not finished: nobody was told that it is here."""
        for path in self._series.glob(f"*/*{UNFINISHED}"):
            path.unlink()
        for folder in self._trash.iterdir():
            shutil.rmtree(folder)
        for folder in self._series.iterdir():
            if not any(folder.iterdir()):
                folder.rmdir()


def _lock(path: Path) -> int:
    """Hold a file until it is closed, or the process ends; raises SettingsError where another process holds it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise SettingsError(f"SERVICE_NODE_SPOOL={path.parent}: another node uses it. Give each its own.") from error
    return file
