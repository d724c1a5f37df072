"""OpenTelemetry traces, where an endpoint for them is named."""

from service.tracing.setup import build_tracer
from service.tracing.tracer import RequestTracer

__all__ = ["RequestTracer", "build_tracer"]
