"""The model is asked about every object in the spool, as many at once as it has processes."""

import logging
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor

from service.dicom_node.ledger import Ledger
from service.dicom_node.model_process import ModelProcessDied, ModelProcesses
from service.dicom_node.spool import Spool
from service.schemas import ModelIdentity
from service.series import ObjectAnswers, refused_frame

MOST_DEATHS = 3
"""How many processes may die over one object before it is refused."""
_LOG = logging.getLogger("service.dicom_node")
_LOOK_S = 5.0


class Answering:
    """A pool of threads between the ledger, which knows what is unanswered, and the spool, which keeps the answers."""

    def __init__(
        self, spool: Spool, ledger: Ledger, model: ModelProcesses, identity: ModelIdentity, threads: int
    ) -> None:
        """`threads` is the number of the model's processes, `identity` names the model."""
        self._spool = spool
        self._ledger = ledger
        self._model = model
        self._identity = identity
        self._pool = ThreadPoolExecutor(threads, "answering")
        self._guard = threading.Lock()
        self._next_look = 0.0
        self._asked: set[tuple[str, str]] = set()
        self._deaths: Counter[tuple[str, str]] = Counter()

    def ask(self, series: str, instance: str) -> None:
        """Ask about an object, unless that is under way; one that fails can be asked about again."""
        with self._guard:
            if (series, instance) in self._asked:
                return
            self._asked.add((series, instance))
        self._pool.submit(self._answer, series, instance).add_done_callback(_report)

    def ask_unanswered(self) -> None:
        """Ask about all objects that nobody asked about, or for which that failed; not more than every few seconds."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_S
        for series, instance in self._ledger.unanswered():
            self.ask(series, instance)

    def stop(self) -> None:
        """Return when what is being computed is done; the rest is unanswered, and will be when the node starts."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _answer(self, series: str, instance: str) -> None:
        try:
            self._spool.keep_answers(series, instance, self._answers(series, instance))
            self._ledger.answered(series, instance)
        finally:
            with self._guard:
                self._asked.discard((series, instance))

    def _answers(self, series: str, instance: str) -> str:
        """Return the answers as JSON; an object over which process after process dies is refused."""
        one = (series, instance)
        try:
            return self._model.answer(self._spool.path(series, instance), instance)
        except ModelProcessDied as error:
            self._deaths[one] += 1
            if self._deaths[one] < MOST_DEATHS:
                raise
            return ObjectAnswers(
                model=self._identity, results=(refused_frame(None, error, instance),)
            ).model_dump_json()


def _report(job: "Future[None]") -> None:
    if not job.cancelled() and (error := job.exception()):
        _LOG.error("an object could not be answered; it is tried again", exc_info=error)
