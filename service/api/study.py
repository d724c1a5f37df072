"""`POST /studies/{study}/classify`: a study of the archive is pulled over DICOMweb and classified."""

import time
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field

from service.admission import RETRY_WHEN_DRAINING_S, Admission
from service.api.dependencies import BatchSlot, RequestId, RuntimeDependency
from service.api.problem_responses import problem_responses
from service.audit import Asker
from service.batch.auditing import BatchAudit
from service.batch.limits import batch_limits
from service.dicomweb import UID_PATTERN, DicomWebOptions
from service.errors import (
    ArchiveFailed,
    DeadlineExceeded,
    InvalidRequest,
    NotReady,
    PayloadTooLarge,
    StudyNotFound,
)
from service.prediction import identify
from service.runtime import Runtime
from service.series_selection import SelectionRules, read_rules
from service.settings import Settings
from service.studies import Computing, StudyAnswer, StudyClassification, StudyOptions, archive_options, open_archive

router = APIRouter(tags=["prediction"])

PATH = "/studies/{study}/classify"
StudyUid = Annotated[
    str,
    PathParameter(pattern=UID_PATTERN, max_length=64, description="StudyInstanceUID", examples=["1.2.840.1"]),
]


class StudyQuery(BaseModel):
    """The query parameters; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")

    store: bool = Field(default=False, description="store report and secondary captures in the archive (STOW-RS)")
    skip_reported: bool = Field(default=False, description="leave out series whose report by this model is there")
    dry_run: bool = Field(default=False, description="only say which series would be classified, and why")


@dataclass(frozen=True)
class _Studies:
    """Where studies are pulled from, and which of their series."""

    archive: DicomWebOptions
    rules: SelectionRules


def add_studies(app: FastAPI, settings: Settings) -> None:
    """Add the route for the archive of the settings; raises SettingsError where they cannot be used."""
    app.state.studies = _Studies(archive_options(settings), read_rules(settings.dicomweb_selection))
    app.include_router(router)


@router.post(
    PATH,
    response_model=StudyAnswer,
    summary="Classify a study of the archive",
    responses=problem_responses(
        StudyNotFound, PayloadTooLarge, InvalidRequest, ArchiveFailed, NotReady, DeadlineExceeded
    ),
)
async def classify_study(
    request: Request,
    study: StudyUid,
    query: Annotated[StudyQuery, Query()],
    runtime: RuntimeDependency,
    request_id: RequestId,
    slot: BatchSlot,
) -> StudyAnswer:
    """Pull the selected series by WADO-RS, classify every frame, and say what each series shows.

    The same study and the same model give objects of the same UIDs, so that asking twice makes no second result.
    Research use only.
    """
    studies: _Studies = request.app.state.studies
    predictor = runtime.predictor
    asker = Asker(request_id, str(request.state.caller), PATH)
    audit = BatchAudit(runtime.auditor, asker, identify(predictor.classifier))
    options = _options(studies.rules, query, runtime.settings)
    computing = _computing(runtime)

    def classify() -> StudyAnswer:
        with open_archive(studies.archive) as archive:
            return StudyClassification(archive, predictor, options, computing, request_id, audit).classify(study)

    return await to_thread.run_sync(classify, limiter=CapacityLimiter(1))


def _options(rules: SelectionRules, query: StudyQuery, settings: Settings) -> StudyOptions:
    return StudyOptions(
        rules=rules,
        captures=settings.dicomweb_captures,
        max_images=settings.dicomweb_max_images,
        max_bytes=settings.max_bytes,
        store=query.store,
        skip_reported=query.skip_reported,
        dry_run=query.dry_run,
    )


def _computing(runtime: Runtime) -> Computing:
    """Compute one image at a time, behind whoever waits for a thread, as a batch does."""
    settings, admission = runtime.settings, runtime.admission
    drain_s = batch_limits(settings).drain_s
    deadline = time.monotonic() + settings.batch_deadline_s
    return Computing(admission.submit, 1, deadline, partial(_check_draining, admission, drain_s))


def _check_draining(admission: Admission, drain_s: float) -> None:
    if admission.drained_for() > drain_s:
        raise NotReady(
            "The service is shutting down. Ask another instance for this study.", retry_after_s=RETRY_WHEN_DRAINING_S
        )
