"""`GET /metrics`: what Prometheus reads."""

from fastapi import APIRouter, Response

from service.api.dependencies import RuntimeDependency

_TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["operations"])


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(runtime: RuntimeDependency) -> Response:
    """Return counters, histograms and gauges in Prometheus's text format; none names a patient, a file or a caller."""
    return Response(runtime.exposition(), headers={"Content-Type": _TEXT_FORMAT})
