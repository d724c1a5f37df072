"""`POST /predict/batch`: many images in, one result for each and a summary out."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.api.batch_stream import JSON, NDJSON, BatchStream
from service.api.dependencies import BatchSlot, RequestId, RuntimeDependency
from service.api.image_body import BINARY, FORMATS
from service.api.negotiation import negotiate
from service.api.problem_responses import problem_responses, schema_beside
from service.api.report_query import REPORT_KIND, ReportKind, report_offer
from service.api.upload import BATCH_RAW_TYPES, read_batch
from service.audit import Asker
from service.batch.answering import Batch
from service.batch.auditing import BatchAudit
from service.batch.limits import Budget, batch_limits
from service.errors import (
    DeadlineExceeded,
    InvalidRequest,
    MalformedRequest,
    NotAcceptable,
    NotReady,
    NotReportable,
    PayloadTooLarge,
    RequestTimedOut,
    UnsupportedFormat,
)
from service.prediction import Predictor, identify
from service.reports.batch_result import AnsweredBatch, result_of_batch
from service.reports.offers import DICOM, FHIR, HL7, MEDIA_TYPES, Offer
from service.schemas import BatchAnswer, BatchResultLine, BatchSummaryLine

router = APIRouter(tags=["prediction"])

PATH = "/predict/batch"

_DESCRIPTION = f"{FORMATS}, or a ZIP of such files; every frame is one image"
_FORM = {
    "type": "object",
    "required": ["files"],
    "properties": {
        "files": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "format": "binary"},
            "description": _DESCRIPTION,
        }
    },
}
_REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "description": _DESCRIPTION,
    "content": {
        "multipart/form-data": {"schema": _FORM},
        "image/*": BINARY,
        **dict.fromkeys(BATCH_RAW_TYPES, BINARY),
    },
}
_LINES = {
    "description": "One JSON object a line: results as soon as they are computed, then the summary.",
    "oneOf": [schema_beside(BatchAnswer, line) for line in (BatchResultLine, BatchSummaryLine)],
}


class BatchQuery(BaseModel):
    """The query parameters; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")

    explain: bool = Field(default=False, description="add `heatmap` to every prediction")
    result: ReportKind = REPORT_KIND


@router.post(
    PATH,
    response_model=BatchAnswer,
    summary="Classify many images",
    openapi_extra={"requestBody": _REQUEST_BODY},
    responses={
        200: {
            "description": f"A result for each image, and a summary; with `Accept: {DICOM}` one report of all images, "
            f"or the secondary capture of the most suspicious one, with `{FHIR}` an R4 Bundle, with `{HL7}` an ORU^R01",
            "content": {NDJSON: {"schema": _LINES}, DICOM: BINARY, HL7: BINARY, FHIR: {"schema": {"type": "object"}}},
        },
        **problem_responses(
            MalformedRequest,
            NotAcceptable,
            RequestTimedOut,
            PayloadTooLarge,
            UnsupportedFormat,
            InvalidRequest,
            NotReportable,
            NotReady,
            DeadlineExceeded,
        ),
    },
)
async def predict_batch(
    request: Request,
    query: Annotated[BatchQuery, Query()],
    runtime: RuntimeDependency,
    request_id: RequestId,
    slot: BatchSlot,
) -> Response:
    """Classify every frame of every file: a bad one is a result with a problem, and the others are answered.

    Results come in the order of what was sent. With `Accept: application/x-ndjson` each is a line that is sent as soon
    as it is computed, and the summary is the last line. Reports are of DICOM images of one study. Research use only.
    """
    media_type = negotiate(request.headers, (JSON, NDJSON, *MEDIA_TYPES))
    predictor, limits = runtime.predictor, batch_limits(runtime.settings)
    files = await read_batch(request, limits, slot.deadline)
    asker = Asker(request_id, str(request.state.caller), PATH)
    audit = BatchAudit(runtime.auditor, asker, identify(predictor.classifier))
    reported = media_type in MEDIA_TYPES
    explain = query.explain and not reported
    batch = Batch(predictor, runtime.admission, slot, Budget(limits), audit, explain, request_id)
    if reported:
        made = report_offer(media_type, query.result, runtime.settings)
        results = [result async for result, _ in batch.results(files)]
        report = await slot.run(partial(_report, predictor, AnsweredBatch(files, results, limits), made))
        return Response(report, media_type=media_type, headers={"Vary": "Accept"})
    return BatchStream(batch.results(files), identify(predictor.classifier), request_id, media_type, slot.deadline)


def _report(predictor: Predictor, batch: AnsweredBatch, made: Offer) -> bytes:
    """Return the object of a hospital system that stands for all images."""
    return made.write(result_of_batch(predictor, batch, captures=1 if made.drawn else 0), datetime.now(UTC))
