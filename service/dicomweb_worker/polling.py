"""New studies are found and classified, study by study; what an archive knows already is not made again.

Nothing is kept on a disk: a series is done when the archive has its report. In memory stands how many instances each
study had, so that a study that still grows is left until it rests, and one that has been dealt with is not asked about
again.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from service.dicomweb import FoundStudy
from service.dicomweb_worker.metrics import WorkerMetrics
from service.errors import PeerError, ProblemError
from service.studies import StudyAnswer
from service.uid_key import uid_key

_LOG = logging.getLogger("service.dicomweb_worker")


@dataclass(frozen=True)
class _Seen:
    instances: str
    is_done: bool


class Polling:
    """`find` searches the archive, `classify` deals with one study; both raise PeerError or ProblemError."""

    def __init__(
        self,
        find: Callable[[], Iterable[FoundStudy]],
        classify: Callable[[str], StudyAnswer],
        metrics: WorkerMetrics,
        *,
        waits: bool = True,
    ) -> None:
        """With `waits` a study is dealt with when its number of instances is the same in two looks."""
        self._find = find
        self._classify = classify
        self._metrics = metrics
        self._waits = waits
        self._seen: dict[str, _Seen] = {}

    def look(self) -> bool:
        """Look once, and return whether the archive answered and every study that was due was dealt with."""
        try:
            found = list(self._find())
        except PeerError as error:
            self._metrics.look("failed")
            _LOG.warning("the archive cannot be searched", extra={"reason": str(error)})
            return False
        self._seen = {study.uid: self._seen[study.uid] for study in found if study.uid in self._seen}
        outcomes = [self._deal_with(study) for study in found]
        self._metrics.look("done")
        return all(outcomes)

    def _deal_with(self, study: FoundStudy) -> bool:
        seen = self._seen.get(study.uid)
        rests = seen is not None and seen.instances == study.instances
        if rests and seen is not None and seen.is_done:
            return True
        is_due = rests or not self._waits
        is_done = is_due and self._attempt(study.uid)
        self._seen[study.uid] = _Seen(study.instances, is_done)
        return is_done or not is_due

    def _attempt(self, study: str) -> bool:
        """Classify a study; return whether it is dealt with, so that it need not be tried again."""
        extra = {"study": uid_key(study)}
        try:
            answer = self._classify(study)
        except ProblemError as error:
            self._metrics.study(error.code)
            _LOG.warning("a study could not be classified", extra={**extra, "reason": error.code})
            return False
        except Exception as error:
            self._metrics.study("unexpected-error")
            _LOG.error("unexpected error", exc_info=error, extra=extra)
            return False
        self._count(answer)
        classified = sum(1 for one in answer.series if one.objects)
        _LOG.info("study looked at", extra={**extra, "series": len(answer.series), "classified": classified})
        return True

    def _count(self, answer: StudyAnswer) -> None:
        self._metrics.study("classified" if any(one.objects for one in answer.series) else "nothing-to-do")
        for one in answer.series:
            self._metrics.series("failed" if one.problem else "resulted" if one.objects else "left")
