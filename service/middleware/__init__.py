"""Pure ASGI middleware, from the outside in: request id, lingering close, access log, metrics, unexpected errors."""

from service.middleware.access_log import AccessLog
from service.middleware.lingering_close import LingeringClose
from service.middleware.request_id import RequestIds
from service.middleware.request_metrics import RequestMetrics
from service.middleware.unexpected_errors import UnexpectedErrors

__all__ = ["AccessLog", "LingeringClose", "RequestIds", "RequestMetrics", "UnexpectedErrors"]
