"""Pure ASGI middleware; the order is that of `service/app.py`."""

from service.middleware.access_log import AccessLog
from service.middleware.audit import Audit
from service.middleware.authentication import Authentication
from service.middleware.cors import Cors
from service.middleware.lingering_close import LingeringClose
from service.middleware.request_id import RequestIds
from service.middleware.request_metrics import RequestMetrics
from service.middleware.security_headers import SecurityHeaders
from service.middleware.tracing import Tracing
from service.middleware.unexpected_errors import UnexpectedErrors

__all__ = [
    "AccessLog",
    "Audit",
    "Authentication",
    "Cors",
    "LingeringClose",
    "RequestIds",
    "RequestMetrics",
    "SecurityHeaders",
    "Tracing",
    "UnexpectedErrors",
]
