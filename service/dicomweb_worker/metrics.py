"""The counters of the worker, beside those of the model; the names stand in `docs/dicomweb.md`."""

from prometheus_client import Counter, Gauge

from service.metrics import Metrics


class WorkerMetrics:
    """All that is counted; no label comes from outside."""

    def __init__(self) -> None:
        self.of_model = Metrics()
        registry = self.of_model.registry
        self._looks = Counter("brain_mri_worker_looks", "Searches of the archive.", ("outcome",), registry=registry)
        self._studies = Counter("brain_mri_worker_studies", "Studies by outcome.", ("outcome",), registry=registry)
        self._series = Counter("brain_mri_worker_series", "Series by outcome.", ("outcome",), registry=registry)
        self._last = Gauge(
            "brain_mri_worker_last_look_seconds", "When the archive was last searched (epoch).", registry=registry
        )
        self.last_failed = False

    def look(self, outcome: str) -> None:
        """Count one search: `done` or `failed`."""
        self._looks.labels(outcome).inc()
        self.last_failed = outcome == "failed"
        if not self.last_failed:
            self._last.set_to_current_time()

    def study(self, outcome: str) -> None:
        """Count one study: `classified`, `nothing-to-do` or the code of a problem."""
        self._studies.labels(outcome).inc()

    def series(self, outcome: str) -> None:
        """Count one series: `resulted`, `left` or `failed`."""
        self._series.labels(outcome).inc()

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return self.of_model.exposition()
