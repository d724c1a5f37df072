"""The metrics of several workers in one answer: each leaves a copy of its own in a folder, whoever is asked reads all.

Every series gets the label `worker`. prometheus_client's own multiprocess mode knows neither the collectors that are
read when asked nor the figures of a process, so it is not used.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

INTERVAL_S = 1.0
_SUFFIX = ".prom"


class SharedMetrics(Collector):
    """`own` gives the text of this worker; that of another is at most INTERVAL_S old while it lives."""

    def __init__(self, folder: Path, worker: int, own: Callable[[], bytes]) -> None:
        self._folder = folder
        self._file = folder / f"{worker}{_SUFFIX}"
        self._own = own
        self._writing = threading.Lock()

    def keep_writing(self) -> None:
        """Leave a copy every INTERVAL_S, in a thread that ends with the process."""
        threading.Thread(target=self._run, name="metrics", daemon=True).start()

    def exposition(self) -> bytes:
        """Return the figures of all workers in Prometheus's text format, version 0.0.4."""
        self.write()
        return generate_latest(self)

    def write(self) -> None:
        """Replace the copy of this worker at once, so that nobody reads half of it."""
        with self._writing:
            unfinished = self._file.with_suffix(".new")
            unfinished.write_bytes(self._own())
            unfinished.replace(self._file)

    def collect(self) -> Iterator[Metric]:
        """Yield each family once, with the series of all workers."""
        families: dict[str, Metric] = {}
        for file in sorted(self._folder.glob(f"*{_SUFFIX}")):
            for family in text_string_to_metric_families(file.read_text()):
                known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    labels = {"worker": file.stem, **sample.labels}
                    known.samples.append(sample._replace(labels=labels))
        yield from families.values()

    def _run(self) -> None:
        stopped = threading.Event()
        while not stopped.wait(INTERVAL_S):
            self.write()
