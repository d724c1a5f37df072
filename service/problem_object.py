"""The members of a problem object (RFC 9457), for every way in which one is sent; nothing of HTTP is imported."""

from http import HTTPStatus
from typing import Any

from service.errors import ProblemError
from service.schemas import Problem

UNEXPECTED = (
    "The service failed on this request; the cause is in its log under the request id. Report it to the operator."
)


def describe(error: ProblemError, request_id: str) -> Problem:
    """Return the problem object of an error, as it stands in a batch."""
    return Problem.model_validate(
        {**members(f"/problems/{error.code}", error.title, error.status, error.detail, request_id), **error.extensions}
    )


def describe_unexpected(request_id: str) -> Problem:
    """Return the problem object of an error nobody expected; nothing of it is told."""
    return Problem.model_validate(members("about:blank", HTTPStatus(500).phrase, 500, UNEXPECTED, request_id))


def members(kind: str, title: str, status: int, detail: str, request_id: str) -> dict[str, Any]:
    """Return the members that every problem has."""
    return {"type": kind, "title": title, "status": status, "detail": detail, "request_id": request_id}
