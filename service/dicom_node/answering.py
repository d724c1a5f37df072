"""The model is asked about every object in the spool, as many at once as there are cores."""

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from service.dicom_node.ledger import Ledger
from service.dicom_node.spool import Spool
from service.prediction import Predictor
from service.series import answer_object

_LOG = logging.getLogger("service.dicom_node")
_LOOK_S = 5.0


class Answering:
    """A pool of threads between the ledger, which knows what is unanswered, and the spool, which keeps the answers."""

    def __init__(self, spool: Spool, ledger: Ledger, predictor: Predictor, threads: int) -> None:
        self._spool = spool
        self._ledger = ledger
        self._predictor = predictor
        self._pool = ThreadPoolExecutor(threads, "answering")
        self._guard = threading.Lock()
        self._next_look = 0.0
        self._asked: set[tuple[str, str]] = set()

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
            data = self._spool.load(series, instance)
            answers = answer_object(self._predictor, data, instance)
            self._spool.keep_answers(series, instance, answers)
            self._ledger.answered(series, instance)
        finally:
            with self._guard:
                self._asked.discard((series, instance))


def _report(job: "Future[None]") -> None:
    if not job.cancelled() and (error := job.exception()):
        _LOG.error("an object could not be answered; it is tried again", exc_info=error)
