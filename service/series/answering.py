"""One object of a series: an answer or a problem for each of its frames."""

import logging

from pydantic import BaseModel, ConfigDict

from service.errors import ProblemError
from service.prediction import OpenedFile, Predictor, identify
from service.problem_object import describe, describe_unexpected
from service.schemas import BatchResult, ModelIdentity, Problem

_LOG = logging.getLogger("service.errors")


class ObjectAnswers(BaseModel):
    """What a model said of the frames of one object; one result without a frame where it could not be opened."""

    model_config = ConfigDict(frozen=True)

    model: ModelIdentity
    results: tuple[BatchResult, ...]


def answer_object(predictor: Predictor, data: bytes, request_id: str) -> ObjectAnswers:
    """Classify every frame; nothing that is in `data` raises, it becomes a problem of its frame."""
    model = identify(predictor.classifier)
    try:
        opened = predictor.open(data)
    except Exception as error:
        return ObjectAnswers(model=model, results=(_refused(None, _problem(error, request_id)),))
    frames = range(opened.frames)
    return ObjectAnswers(model=model, results=tuple(_answer(predictor, opened, one, request_id) for one in frames))


def _answer(predictor: Predictor, opened: OpenedFile, frame: int, request_id: str) -> BatchResult:
    try:
        prediction = predictor.predict_frame(opened, frame, False, request_id)
    except Exception as error:
        return _refused(frame, _problem(error, request_id))
    return BatchResult(index=frame, file=0, frame=frame, status=200, prediction=prediction, problem=None)


def _refused(frame: int | None, problem: Problem) -> BatchResult:
    return BatchResult(index=frame or 0, file=0, frame=frame, status=problem.status, prediction=None, problem=problem)


def _problem(error: Exception, request_id: str) -> Problem:
    if isinstance(error, ProblemError):
        return describe(error, request_id)
    _LOG.error("unexpected error", exc_info=error, extra={"request_id": request_id})
    return describe_unexpected(request_id)
