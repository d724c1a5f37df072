"""`GET /problems/{code}`: what the `type` of a problem points to."""

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from service.errors import ProblemError
from service.problems import MEDIA_TYPE
from service.schemas import Problem

router = APIRouter(tags=["problems"])


class ProblemType(BaseModel):
    """One kind of problem."""

    type: str = Field(examples=["/problems/queue-full"])
    title: str = Field(examples=["Service is at capacity"])
    status: int = Field(examples=[503])
    description: str = Field(examples=["All workers are busy and the waiting queue is full."])


_UNKNOWN: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "There is no such problem type",
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
}


@router.get("/problems/{code}", summary="Explain a problem type", responses=_UNKNOWN)
async def problem_type(code: str) -> ProblemType:
    """Return title, status and meaning of the problem type `/problems/{code}`."""
    for kind in ProblemError.__subclasses__():
        if kind.code == code:
            return ProblemType(
                type=f"/problems/{code}", title=kind.title, status=kind.status, description=str(kind.__doc__)
            )
    raise HTTPException(404)
