"""One object of a series: an answer or a problem for each of its frames."""

import logging

from pydantic import BaseModel, ConfigDict

from service.batch.auditing import UNAUDITED, Audit, Turn
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


def answer_object(
    predictor: Predictor, data: bytes, request_id: str, audit: Audit = UNAUDITED, first: int = 0
) -> ObjectAnswers:
    """Classify every frame; nothing that is in `data` raises, it becomes a problem of its frame.

    `audit` is told of each; `first` is what it numbers the first frame.
    """
    model = identify(predictor.classifier)
    try:
        opened = _open(predictor, data, audit, first)
    except Exception as error:
        return ObjectAnswers(model=model, results=(refused_frame(None, error, request_id),))
    results = (_answer(predictor, opened, one, request_id, audit, first) for one in range(opened.frames))
    return ObjectAnswers(model=model, results=tuple(results))


def refused_frame(frame: int | None, error: Exception, request_id: str) -> BatchResult:
    """Return the result of a frame, or of an object that could not be opened, whose error becomes its problem."""
    problem = _problem(error, request_id)
    return BatchResult(index=frame or 0, file=0, frame=frame, status=problem.status, prediction=None, problem=problem)


def _open(predictor: Predictor, data: bytes, audit: Audit, first: int) -> OpenedFile:
    with audit.image(Turn(first)) as note, note.watch(predictor.classifier, data):
        return predictor.open(data)


def _answer(
    predictor: Predictor, opened: OpenedFile, frame: int, request_id: str, audit: Audit, first: int
) -> BatchResult:
    try:
        with audit.image(Turn(first + frame), opened.sha256) as note:
            prediction = predictor.predict_frame(opened, frame, False, request_id)
            note.answered(prediction)
    except Exception as error:
        return refused_frame(frame, error, request_id)
    return BatchResult(index=frame, file=0, frame=frame, status=200, prediction=prediction, problem=None)


def _problem(error: Exception, request_id: str) -> Problem:
    if isinstance(error, ProblemError):
        return describe(error, request_id)
    _LOG.error("unexpected error", exc_info=error, extra={"request_id": request_id})
    return describe_unexpected(request_id)
