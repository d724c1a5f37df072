"""`POST /predict`: one image in, one prediction out."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from service.api.dependencies import RequestId, RuntimeDependency
from service.api.problem_responses import problem_responses
from service.api.upload import RAW_TYPES, read_upload
from service.errors import (
    DeadlineExceeded,
    InvalidRequest,
    MalformedRequest,
    NotReady,
    PayloadTooLarge,
    RequestTimedOut,
    UnsupportedFormat,
)
from service.prediction import Predictor, Task
from service.schemas import Prediction

router = APIRouter(tags=["prediction"])

BINARY = {"schema": {"type": "string", "format": "binary"}}
FORMATS = "JPEG, PNG, BMP, TIFF, WebP, GIF, DICOM or NIfTI"
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary", "description": FORMATS}},
}
_REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": _FORM},
        "image/*": BINARY,
        **dict.fromkeys(RAW_TYPES, BINARY),
    },
}


class PredictQuery(BaseModel):
    """The query parameters; an unknown one is refused, so that a misspelt `explain` does not go unnoticed."""

    model_config = ConfigDict(extra="forbid")

    frame: Annotated[int, Field(ge=0)] | SkipJsonSchema[None] = Field(
        default=None, description="which frame of an object of several, from 0; needed for such an object"
    )
    explain: bool = Field(default=False, description="add `heatmap`: where the evidence for the predicted class lies")


@router.post(
    "/predict",
    response_model=Prediction,
    summary="Classify one image",
    openapi_extra={"requestBody": _REQUEST_BODY},
    responses=problem_responses(
        MalformedRequest,
        RequestTimedOut,
        PayloadTooLarge,
        UnsupportedFormat,
        InvalidRequest,
        NotReady,
        DeadlineExceeded,
    ),
)
async def predict(
    request: Request, query: Annotated[PredictQuery, Query()], runtime: RuntimeDependency, request_id: RequestId
) -> Response:
    """Classify the image; of an object of several frames that which `frame` names.

    The same bytes and the same model give the same answer, to the bit. Research use only.
    """
    predictor, settings = runtime.predictor, runtime.settings
    with runtime.admission.admit(settings.deadline_s) as slot:
        data = await read_upload(request, settings.max_bytes, slot.deadline)
        answer = await slot.run(partial(_answer, predictor, Task(data, query.explain, request_id, query.frame)))
    return Response(answer, media_type="application/json")


def _answer(predictor: Predictor, task: Task) -> bytes:
    """Return the JSON: also its serialisation is done off the event loop."""
    return predictor.predict(task).model_dump_json().encode()
