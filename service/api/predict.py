"""`POST /predict`: one image in, one prediction out."""

import asyncio
import hashlib
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from service.api.dependencies import RequestId, RuntimeDependency
from service.api.image_body import IMAGE_BODY, IMAGE_PROBLEMS
from service.api.negotiation import negotiate
from service.api.problem_responses import problem_responses
from service.api.upload import read_upload
from service.audit import ImageNote
from service.errors import DeadlineExceeded, NotAcceptable
from service.imaging.overlay import OPACITY
from service.prediction import Predictor, Task
from service.schemas import Prediction

router = APIRouter(tags=["prediction"])

_JSON, _PNG = "application/json", "image/png"
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": f"The answer, or with `Accept: {_PNG}` a picture of it: the scan under its heat map, with a "
        "legend that gives class, probability, decision and the disclaimer",
        "content": {_PNG: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class PredictQuery(BaseModel):
    """The query parameters; an unknown one is refused, so that a misspelt `explain` does not go unnoticed."""

    model_config = ConfigDict(extra="forbid")

    frame: Annotated[int, Field(ge=0)] | SkipJsonSchema[None] = Field(
        default=None, description="which frame of an object of several, from 0; needed for such an object"
    )
    explain: bool = Field(default=False, description="add `heatmap`: where the evidence for the predicted class lies")
    opacity: float = Field(
        default=OPACITY, ge=0, le=1, description="share of the picture that the hottest spot of the heat map covers"
    )


@router.post(
    "/predict",
    response_model=Prediction,
    summary="Classify one image",
    openapi_extra={"requestBody": IMAGE_BODY},
    responses=_PICTURE | problem_responses(NotAcceptable, *IMAGE_PROBLEMS),
)
async def predict(
    request: Request, query: Annotated[PredictQuery, Query()], runtime: RuntimeDependency, request_id: RequestId
) -> Response:
    """Classify the image; of an object of several frames that which `frame` names.

    The same bytes and the same model give the same answer, to the bit. Research use only.
    """
    media_type = negotiate(request.headers, (_JSON, _PNG))
    answer_of = _in_words if media_type == _JSON else _as_picture
    predictor, settings = runtime.predictor, runtime.settings
    with runtime.admission.admit(settings.deadline_s) as slot:
        data = await read_upload(request, settings.max_bytes, slot.deadline)
        task = Task(data, query.explain, request_id, query.frame, query.opacity)
        note = request.state.image
        try:
            answer = await slot.run(partial(answer_of, predictor, task, note))
        except DeadlineExceeded:  # nobody waits for the thread that would have noted it
            note.input_sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
            raise
    return Response(answer, media_type=media_type, headers={"Vary": "Accept"})


def _in_words(predictor: Predictor, task: Task, note: ImageNote) -> bytes:
    """Return the JSON: also its serialisation is done off the event loop."""
    with note.watch(predictor.classifier, task.data):
        prediction = predictor.predict(task)
    note.answered(prediction)
    return prediction.model_dump_json().encode()


def _as_picture(predictor: Predictor, task: Task, note: ImageNote) -> bytes:
    """Return the PNG that explains itself."""
    with note.watch(predictor.classifier, task.data):
        prediction, picture = predictor.draw(task)
    note.answered(prediction)
    return picture
