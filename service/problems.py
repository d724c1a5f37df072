"""Errors as `application/problem+json` (RFC 9457).

The `type` of a ProblemError is `/problems/<code>`, which this service also explains under that path. Errors that say no
more than their HTTP status have the type `about:blank` (RFC 9457 section 4.2.1).
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from service.errors import InvalidRequest, ProblemError
from service.problem_object import members

MEDIA_TYPE = "application/problem+json"
_REMEDIES = {404: "Nothing is served at this path. See /docs.", 405: "This path does not know that method."}


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every expected error of `app` with a problem; the unexpected ones are the middleware's."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


def problem(scope: Scope, error: ProblemError) -> Response:
    """Build the answer to a ProblemError; its code is left in the scope for the access log."""
    scope["state"]["problem"] = error.code
    headers = error.headers if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    return _response(
        scope, f"/problems/{error.code}", error.title, error.status, error.detail, headers, error.extensions
    )


def plain_problem(scope: Scope, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Build the answer to an error that says no more than its HTTP status."""
    return _response(scope, "about:blank", HTTPStatus(status).phrase, status, detail, headers or {}, {})


def _response(
    scope: Scope,
    kind: str,
    title: str,
    status: int,
    detail: str,
    headers: Mapping[str, str],
    extensions: Mapping[str, Any],
) -> Response:
    body = members(kind, title, status, detail, scope["state"]["request_id"])
    return JSONResponse({**body, **extensions}, status, headers, MEDIA_TYPE)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem(request.scope, error)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = dict.fromkeys(_fault(fault) for fault in error.errors())
    return problem(request.scope, InvalidRequest("; ".join(faults) + ". See /docs for the parameters."))


def _fault(fault: Mapping[str, Any]) -> str:
    """Name the parameter that is wrong; not one that is unknown, for a client may have made it of a patient's name."""
    if fault["type"] == "extra_forbidden":
        return f"{fault['loc'][0]}: there is a parameter that this path does not know"
    return f"{' '.join(map(str, fault['loc']))}: {fault['msg']}"


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = _REMEDIES.get(error.status_code, error.detail)
    return plain_problem(request.scope, error.status_code, detail, error.headers)
