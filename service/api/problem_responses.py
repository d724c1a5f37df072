"""How the OpenAPI document describes problems."""

from typing import Any

from pydantic import BaseModel

from service.errors import ProblemError
from service.problems import MEDIA_TYPE
from service.schemas import Problem

_REFERENCE = "#/components/schemas/{model}"


def problem_responses(*errors: type[ProblemError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` argument of a route that may raise `errors` (and others of the same status)."""
    schema = Problem.model_json_schema(ref_template=_REFERENCE)
    return {
        error.status: {"description": _description(error.status), "content": {MEDIA_TYPE: {"schema": schema}}}
        for error in errors
    }


def schema_beside(registered: type[BaseModel], model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of `model` with references to the parts that the document has of `registered`."""
    schema = model.model_json_schema(ref_template=_REFERENCE)
    missing = schema.pop("$defs", {}).keys() - registered.model_json_schema()["$defs"].keys()
    assert not missing, missing
    return schema


def _description(status: int) -> str:
    return "; ".join(kind.title for kind in ProblemError.__subclasses__() if kind.status == status)
