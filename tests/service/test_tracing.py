"""Traces, as a real OTLP receiver gets them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.running_service import running_service
from service.errors import SettingsError
from service.tracing import build_tracer
from tests.pictures import bright, encode, good_png

NAME = "ZEBROWSKI"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """Collect what is sent to `/v1/traces`."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", received
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def bodies(model_path: Path) -> list[bytes]:
    """What the receiver got of a service that was asked three times and then stopped."""
    with pytest.MonkeyPatch.context() as patch, receiver() as (url, received):
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        patch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        with running_service(model_path) as service, httpx.Client(base_url=service.url) as client:
            traced = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": f"vendor={NAME}", "User-Agent": NAME}
            file = {"file": (f"{NAME}.png", good_png())}
            client.post("/predict", files=file, headers={**traced, "X-Request-ID": "visit-7"})
            client.post("/predict", files={"file": (NAME, encode(bright()))}, headers={"traceparent": NAME})
            client.get(f"/{NAME}", params={NAME: NAME})
            service.terminate()
            assert service.exit_code() == 0
    return received


@pytest.fixture(scope="module")
def spans(bodies: list[bytes]) -> list[Any]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    found: list[Any] = []
    for body in bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


def attributes(span: Any) -> dict[str, Any]:
    return {item.key: item.value.string_value or item.value.int_value for item in span.attributes}


def request_spans(spans: list[Any]) -> list[Any]:
    return sorted((span for span in spans if attributes(span)), key=lambda span: span.start_time_unix_nano)


def test_a_request_is_a_span_of_the_callers_trace(spans: list[Any]) -> None:
    first, refused, lost = request_spans(spans)

    assert (first.trace_id.hex(), first.parent_span_id.hex()) == (TRACE, PARENT)
    assert first.name == "POST /predict"
    assert attributes(first) == {
        "http.request.method": "POST",
        "http.route": "/predict",
        "http.response.status_code": 200,
        "brain_mri.request_id": "visit-7",
    }
    assert (attributes(refused)["error.type"], refused.parent_span_id) == ("out-of-distribution", b"")
    assert lost.name == "GET unmatched"


def test_its_stages_are_spans_within_it(spans: list[Any]) -> None:
    first = request_spans(spans)[0]
    stages = [span for span in spans if span.parent_span_id == first.span_id]

    assert sorted(span.name for span in stages) == ["decode", "model", "open", "preprocess", "queue", "upload"]
    assert {span.trace_id for span in stages} == {first.trace_id}
    slack = 5_000_000  # two clocks: one that counts and one that tells the time
    for span in stages:
        assert first.start_time_unix_nano - slack <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= first.end_time_unix_nano + slack


def test_no_span_names_the_patient(bodies: list[bytes]) -> None:
    assert bodies
    assert NAME.encode() not in b"".join(bodies)


def test_without_an_endpoint_there_is_no_tracer() -> None:
    assert build_tracer({}) is None
    assert build_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}) is None


def test_an_endpoint_without_the_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(SettingsError, match=r"OTEL_EXPORTER_OTLP_ENDPOINT.*brain-mri-classifier\[tracing\]"):
        build_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
