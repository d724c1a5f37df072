"""Make a tracer out of OpenTelemetry's own environment variables."""

from collections.abc import Mapping

from service import __version__
from service.errors import SettingsError
from service.tracing.tracer import RequestTracer

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE_NAME = "brain-mri-classifier"


def build_tracer(environ: Mapping[str, str]) -> RequestTracer | None:
    """Return None where no endpoint is named; raises SettingsError where it is, but the extra is not installed.

    The SDK reads the other `OTEL_*` variables itself (headers, timeout, sampler, attributes of the resource).
    """
    asked = next((name for name in ENDPOINTS if environ.get(name)), None)
    if asked is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(f"{asked} asks for traces: install brain-mri-classifier[tracing], or unset it.") from error
    name = environ.get("OTEL_SERVICE_NAME", SERVICE_NAME)
    resource = Resource.create({"service.name": name, "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return RequestTracer(provider.get_tracer("service", __version__), provider.shutdown)
