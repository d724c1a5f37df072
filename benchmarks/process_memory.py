"""The resident memory of another process and of its children (Linux)."""

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_MIB = 1024


def resident_mib(pid: int) -> float:
    """Return `VmRSS` in MiB, with that of all descendants: pages that they share count for each."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = int(status.partition("VmRSS:")[2].split()[0]) / _MIB
    return own + sum(_of_child(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    lists = (path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [int(child) for children in lists for child in children.split()]


def _of_child(pid: int) -> float:
    try:
        return resident_mib(pid)
    except (OSError, IndexError):  # it has just ended
        return 0.0


class MemoryRecorder:
    """`with MemoryRecorder(pid) as memory: ...`; afterwards `samples` holds (second, MiB)."""

    def __init__(self, pid: int, interval_s: float = 0.5) -> None:
        self._pid = pid
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._record)
        self.samples: list[tuple[float, float]] = []

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def growth(self, after_s: float) -> float:
        """Return by what share the mean of the last tenth exceeds that of the tenth that follows `after_s`."""
        later = [mib for second, mib in self.samples if second >= after_s]
        tenth = max(len(later) // 10, 1)
        if len(later) < 2:
            return 0.0
        first, last = later[:tenth], later[-tenth:]
        return sum(last) / len(last) / (sum(first) / len(first)) - 1

    def samples_over_time(self) -> list[str]:
        """Return some ten samples over the whole time, in words."""
        step = max(len(self.samples) // 10, 1)
        return [f"{mib:.0f} MiB at {second:.0f} s" for second, mib in self.samples[::step]]

    def _record(self) -> None:
        while True:
            self.samples.append((time.monotonic() - self._began, resident_mib(self._pid)))
            if self._stop.wait(self._interval_s):
                return
