"""How the OpenAPI document says who may ask."""

from typing import Any

from fastapi import FastAPI

from service.api.problem_responses import problem_responses
from service.auth import is_open
from service.auth.credentials import API_KEY_HEADER
from service.errors import Forbidden, IssuerUnavailable, TooManyRequests, Unauthenticated

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or a token of the operator's issuer."},
    "key": {"type": "apiKey", "in": "header", "name": API_KEY_HEADER},
}
_REFUSALS = problem_responses(Unauthenticated, Forbidden, TooManyRequests, IssuerUnavailable)


def describe_security(app: FastAPI) -> None:
    """Add schemes and refusals to the document of `app` once it is made; an operator may need no credential at all."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            document = make()
            document.setdefault("components", {})["securitySchemes"] = _SCHEMES
            for path, operations in document["paths"].items():
                if not is_open(path):
                    _describe(operations)
        return make()

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(operations: dict[str, Any]) -> None:
    for operation in operations.values():
        operation["security"] = [{"bearer": []}, {"key": []}, {}]
        operation["responses"] |= {str(status): response for status, response in _REFUSALS.items()}
