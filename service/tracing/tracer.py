"""A span for each request and for each stage of its images. No path, no query, no header and no address in them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.observer import Observer, Stage

_PARENT = "traceparent"


@dataclass(frozen=True)
class Outcome:
    """What a span says of a request: names out of this service, and a request id that was found to be sane."""

    method: str
    route: str
    status: int
    problem: str | None
    request_id: str


class RequestTracer(Observer):
    """Makes spans; the request's is current in its tasks and, through the pool, in its compute threads."""

    def __init__(self, tracer: trace.Tracer, shutdown: Callable[[], None]) -> None:
        self._tracer = tracer
        self.shutdown = shutdown

    @contextmanager
    def request(self, traceparent: str) -> Iterator[trace.Span]:
        """Be the request's span for the time of a block, part of the caller's trace where it names one.

        W3C Trace Context; `tracestate` is not taken over, since it may hold any text.
        """
        context = TraceContextTextMapPropagator().extract({_PARENT: traceparent})
        with self._tracer.start_as_current_span(
            "request", context, trace.SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    def took(self, stage: Stage, seconds: float) -> None:
        """Make a span of a stage that has just ended; `total` is the request's own."""
        if stage == "total":
            return
        ended = time.time_ns()
        span = self._tracer.start_span(stage, start_time=ended - int(seconds * 1e9))
        span.end(ended)


def describe(span: trace.Span, outcome: Outcome) -> None:
    """Say how a request ended (OpenTelemetry's semantic conventions for HTTP)."""
    span.update_name(f"{outcome.method} {outcome.route}")
    span.set_attribute("http.request.method", outcome.method)
    span.set_attribute("http.route", outcome.route)
    span.set_attribute("http.response.status_code", outcome.status)
    span.set_attribute("brain_mri.request_id", outcome.request_id)
    if outcome.problem:
        span.set_attribute("error.type", outcome.problem)
    if outcome.status >= 500:
        span.set_status(trace.StatusCode.ERROR)
