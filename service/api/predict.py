"""`POST /predict`: one image in, one prediction out."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from service.api.dependencies import RequestId, RuntimeDependency
from service.api.image_body import BINARY, IMAGE_BODY, IMAGE_PROBLEMS
from service.api.negotiation import negotiate
from service.api.problem_responses import problem_responses
from service.api.report_query import REPORT_KIND, ReportKind, report_offer
from service.api.upload import read_upload
from service.audit import ImageNote
from service.errors import DeadlineExceeded, NotAcceptable
from service.imaging.overlay import OPACITY
from service.prediction import Predictor, Task
from service.reports.offers import DICOM, FHIR, HL7, MEDIA_TYPES, Offer
from service.reports.single_image import result_of_image
from service.schemas import Prediction
from service.settings import Settings

router = APIRouter(tags=["prediction"])

_JSON, _PNG = "application/json", "image/png"
_OFFERS = (_JSON, _PNG, *MEDIA_TYPES)
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": f"The answer; with `Accept: {_PNG}` a picture of it: the scan under its heat map, with a "
        f"legend that gives class, probability, decision and the disclaimer; with `{DICOM}` a structured report or a "
        f"secondary capture, with `{FHIR}` an R4 Bundle, with `{HL7}` an ORU^R01 message",
        "content": {_PNG: BINARY, DICOM: BINARY, HL7: BINARY, FHIR: {"schema": {"type": "object"}}},
    }
}


class PredictQuery(BaseModel):
    """The query parameters; an unknown one is refused, so that a misspelt `explain` does not go unnoticed."""

    model_config = ConfigDict(extra="forbid")

    frame: Annotated[int, Field(ge=0)] | SkipJsonSchema[None] = Field(
        default=None, description="which frame of an object of several, from 0; needed for such an object"
    )
    explain: bool = Field(default=False, description="add `heatmap`: where the evidence for the predicted class lies")
    result: ReportKind = REPORT_KIND
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
    media_type = negotiate(request.headers, _OFFERS)
    predictor, settings = runtime.predictor, runtime.settings
    answer_of = _answer(media_type, query, settings)
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


def _answer(media_type: str, query: PredictQuery, settings: Settings) -> Callable[[Predictor, Task, ImageNote], bytes]:
    if media_type in (_JSON, _PNG):
        return _in_words if media_type == _JSON else _as_picture
    return partial(_as_report, report_offer(media_type, query.result, settings))


def _as_report(made: Offer, predictor: Predictor, task: Task, note: ImageNote) -> bytes:
    """Return the object of a hospital system; only for it are the patient's data read, and they go nowhere else."""
    with note.watch(predictor.classifier, task.data):
        prediction, picture = predictor.draw(task) if made.drawn else (predictor.predict(task), None)
        report = made.write(result_of_image(predictor, task, prediction, picture), datetime.now(UTC))
    note.answered(prediction)
    return report


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
