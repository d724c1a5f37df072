"""What can be asked: a model in this process, or a running service."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from service.client.files import NamedFile
from service.schemas import BatchResult, ModelIdentity, Prediction, Problem


@dataclass(frozen=True)
class Question:
    """How to answer: for all frames of a file as `/predict/batch` does, or for one `frame` as `/predict` does."""

    explain: bool = False
    frame: int | None = None


class Backend(Protocol):
    """Answers files one after the other."""

    @property
    def model(self) -> ModelIdentity | None:
        """The model that answered last; None before any answer names one."""

    def ask(self, file: NamedFile) -> Iterator[BatchResult]:
        """Yield the results of a file, counted from 0, as they are computed; raises ServiceError where none can be."""

    def close(self) -> None:
        """Let go of what was taken."""


def answered(prediction: Prediction) -> BatchResult:
    """Return the result of the one image that was asked for."""
    frame = prediction.image.frame
    return BatchResult(index=0, file=0, frame=frame, status=200, prediction=prediction, problem=None)


def refused(problem: Problem) -> BatchResult:
    """Return the result of a file that was refused whole."""
    return BatchResult(index=0, file=0, frame=None, status=problem.status, prediction=None, problem=problem)
