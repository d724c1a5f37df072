"""The counters and gauges of the node, beside those of the model; the names stand in `docs/hospital.md`."""

from collections.abc import Callable, Iterator

from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.dicom_node.ledger import Ledger
from service.dicom_node.outbox import Outbox
from service.dicom_node.spool import Spool
from service.dicom_node.statuses import Status
from service.metrics import Metrics


class NodeMetrics:
    """All that is counted; no label comes from outside."""

    def __init__(self) -> None:
        self.of_model = Metrics()
        registry = self.of_model.registry
        self._associations = Counter(
            "brain_mri_node_associations", "Calls by how they were met.", ("outcome",), registry=registry
        )
        self._objects = Counter(
            "brain_mri_node_objects", "C-STORE requests by status and reason.", ("status", "reason"), registry=registry
        )
        self._series = Counter("brain_mri_node_series", "Series by outcome.", ("outcome",), registry=registry)
        self._deliveries = Counter(
            "brain_mri_node_deliveries",
            "Tries to deliver a result, by destination and outcome.",
            ("destination", "outcome"),
            registry=registry,
        )

    def association(self, outcome: str) -> None:
        """Count one call: `accepted`, `rejected` or `aborted`."""
        self._associations.labels(outcome).inc()

    def stored(self, status: Status) -> None:
        """Count one answered C-STORE request."""
        self._objects.labels(f"{status.code:04X}", status.reason).inc()

    def series(self, outcome: str) -> None:
        """Count one series: `resulted`, `left` or `failed`."""
        self._series.labels(outcome).inc()

    def delivery(self, destination: str) -> Callable[[str], None]:
        """Return what counts one try: `delivered`, `warning`, `refused`, `unavailable` or `dead`."""
        return lambda outcome: self._deliveries.labels(destination, outcome).inc()

    def watch(self, spool: Spool, ledger: Ledger, outbox: Outbox) -> None:
        """Ask them too, whenever the metrics are read."""
        self.of_model.watch(_Gauges(spool, ledger, outbox))

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return self.of_model.exposition()


class _Gauges(Collector):
    def __init__(self, spool: Spool, ledger: Ledger, outbox: Outbox) -> None:
        self._spool = spool
        self._ledger = ledger
        self._outbox = outbox

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield how much is kept, and how much is on its way."""
        series, objects, unanswered = self._ledger.counts()
        for name, meaning, value in (
            ("spool_bytes", "Bytes of received objects that are kept.", self._spool.used),
            ("spool_series", "Series that are kept.", series),
            ("spool_objects", "Objects that are kept.", objects),
            ("unanswered_objects", "Objects that wait for the model.", unanswered),
        ):
            yield GaugeMetricFamily(f"brain_mri_node_{name}", meaning, value=value)
        waiting = GaugeMetricFamily("brain_mri_node_waiting_results", "Results on their way.", labels=["destination"])
        dead = GaugeMetricFamily("brain_mri_node_dead_letters", "Results that were given up.", labels=["destination"])
        for name, (waits, given_up) in self._outbox.counts().items():
            waiting.add_metric([name], waits)
            dead.add_metric([name], given_up)
        yield from (waiting, dead)
