"""The counters and histograms of one application."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.observer import Observer, Stage

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_PROBABILITY = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1)
_NOVELTY = (0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10)


@dataclass(frozen=True)
class RequestLabels:
    """What is counted of a request: templates and codes of this service, nothing that a client wrote."""

    method: str
    route: str
    status: int
    problem: str


class Metrics(Observer):
    """All that is counted; the names stand in `docs/operations.md`."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "brain_mri_requests",
            "Requests by route template, method, status and problem code.",
            ("route", "method", "status", "problem"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "brain_mri_request_seconds",
            "From the head of a request to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._stage_seconds = Histogram(
            "brain_mri_stage_seconds", "Stages of an image.", ("stage",), buckets=_SECONDS, registry=registry
        )
        self._probability = Histogram(
            "brain_mri_top_probability", "Probability of the label.", buckets=_PROBABILITY, registry=registry
        )
        self._novelty = Histogram(
            "brain_mri_novelty", "Novelty of every judged image.", buckets=_NOVELTY, registry=registry
        )
        self._classifications = Counter(
            "brain_mri_classifications",
            "Judged images by label and decision.",
            ("label", "decision"),
            registry=registry,
        )
        self._images = Counter(
            "brain_mri_images", "Images answered or refused, by outcome.", ("outcome",), registry=registry
        )

        self._auth_failures = Counter(
            "brain_mri_auth_failures", "Requests without an accepted credential.", ("reason",), registry=registry
        )
        self._jwks_fetches = Counter(
            "brain_mri_jwks_fetches", "Fetches of the token issuer's keys.", ("outcome",), registry=registry
        )

        self._audit_failures = Counter(
            "brain_mri_audit_write_failures", "Lines that the audit log could not take.", registry=registry
        )

        self._reloads = Counter(
            "brain_mri_reload", "What SIGHUP has led to.", ("setting", "outcome"), registry=registry
        )

    def took(self, stage: Stage, seconds: float) -> None:
        """Add to the stage's histogram."""
        self._stage_seconds.labels(stage).observe(seconds)

    def classified(self, label: str, decision: str, probability: float, novelty: float) -> None:
        """Add to the figures that show drift; a value that is not finite would spoil a sum for ever."""
        self._classifications.labels(label, decision).inc()
        if math.isfinite(probability):
            self._probability.observe(probability)
        if math.isfinite(novelty):
            self._novelty.observe(novelty)

    def request(self, labels: RequestLabels, seconds: float) -> None:
        """Count one request whose answer has ended."""
        self._requests.labels(labels.route, labels.method, labels.status, labels.problem).inc()
        self._request_seconds.labels(labels.route).observe(seconds)

    def image(self, outcome: str) -> None:
        """Count one image: `answered`, or the code of the problem that refused it."""
        self._images.labels(outcome).inc()

    def auth_failure(self, reason: str) -> None:
        """Count one request whose credential was missing or not accepted."""
        self._auth_failures.labels(reason).inc()

    def jwks_fetch(self, outcome: str) -> None:
        """Count one fetch of the issuer's keys: `success` or `failure`."""
        self._jwks_fetches.labels(outcome).inc()

    def audit_failure(self) -> None:
        """Count one line that is missing in the audit log."""
        self._audit_failures.inc()

    def reload(self, setting: str, outcome: str) -> None:
        """Count one reload of what a setting names: `success`, `unchanged` or `failure`."""
        self._reloads.labels(setting, outcome).inc()

    def watch(self, collector: Collector) -> None:
        """Ask `collector` too, whenever the metrics are read."""
        self.registry.register(collector)

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text format, version 0.0.4."""
        return generate_latest(_WithoutCreation(self.registry))


class _WithoutCreation(Collector):
    """Leaves out the gauge that the library adds to each counter and histogram: when it was first used."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
