"""How the OpenAPI document describes problems."""

from typing import Any

from service.errors import ProblemError
from service.problems import MEDIA_TYPE
from service.schemas import Problem


def problem_responses(*errors: type[ProblemError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` argument of a route that may raise `errors` (and others of the same status)."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {
        error.status: {"description": _description(error.status), "content": {MEDIA_TYPE: {"schema": schema}}}
        for error in errors
    }


def _description(status: int) -> str:
    return "; ".join(kind.title for kind in ProblemError.__subclasses__() if kind.status == status)
