"""Figures that are read when Prometheus asks, rather than kept."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Places(Protocol):
    """The places of the admission."""

    @property
    def capacity(self) -> int:
        """Requests that may be in at once."""

    @property
    def threads(self) -> int:
        """Images that are computed at once."""

    @property
    def occupied(self) -> int:
        """Requests that are in: being read, waiting or being computed."""

    @property
    def waiting(self) -> int:
        """Images that are read and wait for a thread."""


class PlacesCollector(Collector):
    """How full the service is."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        places = self._places
        for name, meaning, value in (
            ("slots_capacity", "Requests admitted at once; more are answered 503.", places.capacity),
            ("slots_occupied", "Requests admitted: being read, waiting or being computed.", places.occupied),
            ("queue_depth", "Images that wait for a compute thread.", places.waiting),
            ("compute_threads", "Images computed at once.", places.threads),
        ):
            yield GaugeMetricFamily(f"brain_mri_{name}", meaning, value=value)


class ModelCollector(Collector):
    """Which model is in service: `identity` gives name, version and sha256, or nothing before it is loaded."""

    def __init__(self, identity: Callable[[], Mapping[str, str]]) -> None:
        self._identity = identity

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield 1 under the labels of the model, or nothing."""
        labels = ("name", "version", "sha256")
        family = GaugeMetricFamily("brain_mri_model_info", "The model in service; the value is 1.", labels=labels)
        if identity := self._identity():
            family.add_metric([identity[label] for label in labels], 1)
        yield family
