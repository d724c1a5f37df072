"""The file of the audit log: JSON lines that are only ever appended."""

import errno
import os
import threading
from pathlib import Path

from service.errors import SettingsError

VARIABLE = "SERVICE_AUDIT_LOG"
STANDARD_OUTPUT = "-"
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)


class AuditLog:
    """Appends lines from any thread, one write each, so that several processes may share the file."""

    def __init__(self, target: str) -> None:
        """`target` is a path, or `-` for standard output. Raises SettingsError when it cannot be opened."""
        self._target = target
        self._lock = threading.Lock()
        self._torn = False
        self._file = self._open()

    def append(self, line: bytes) -> None:
        """Write `line`, which ends with a newline; raises OSError when not all of it could be written."""
        with self._lock:
            whole = b"\n" + line if self._torn else line
            written = os.write(self._file, whole)
            self._torn = written < len(whole)
            if self._torn:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def reopen(self) -> None:
        """Go on in the file that has the name now, after a rotation; raises SettingsError and keeps the old one."""
        opened = self._open()
        with self._lock:
            old, self._file = self._file, opened
        os.close(old)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _open(self) -> int:
        try:
            return os.dup(1) if self._target == STANDARD_OUTPUT else os.open(Path(self._target), _FLAGS, 0o640)
        except OSError as error:
            raise SettingsError(f"{VARIABLE}={self._target}: cannot be opened to append ({error.strerror}).") from error
