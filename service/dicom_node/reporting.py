"""A complete series becomes result objects in the outbox, once for each destination."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import highdicom.sc
import highdicom.sr  # noqa: F401  (a second, and 70 MB: taken at the start rather than by the first series)
from pydicom import Dataset

from service.deidentification import deidentified, without_burnt_in
from service.dicom_node.destinations import Destination
from service.dicom_node.ledger import Ledger
from service.dicom_node.outbox import Outbox
from service.dicom_node.spool import Spool
from service.prediction import Predictor, Task
from service.reports.study_result import ImageResult, StudyResult
from service.reports.written import written
from service.series import ResultObject, SeriesObject, header_of, result_objects, series_result, with_pictures
from service.series_selection import SelectionRules, Verdict, facts_of_file, select
from service.uid_key import uid_key

_LOG = logging.getLogger("service.dicom_node")
_AGAIN_S = 60.0
_DOUBLINGS = 6
"""A series that fails is tried again after one minute, then two, at last after an hour."""


@dataclass(frozen=True)
class Reporting:
    """Makes the results of series; `count` is told what became of each: `resulted`, `left` or `failed`."""

    spool: Spool
    ledger: Ledger
    outbox: Outbox
    predictor: Predictor
    destinations: Sequence[Destination]
    rules: SelectionRules
    captures: int
    count: Callable[[str], None]
    failures: Counter[str] = field(default_factory=Counter)

    def report_complete(self) -> None:
        """Report every series that is due; one that fails is logged, stays in the spool, and is tried again later."""
        for series, instances in self.ledger.complete():
            try:
                self._report(series, instances)
            except Exception as error:
                _LOG.error("a series could not be reported", exc_info=error, extra={"series": series})
                self.ledger.put_off(series, _AGAIN_S * 2 ** min(self.failures[series], _DOUBLINGS))
                self.failures[series] += 1
                self.count("failed")

    def _report(self, series: str, instances: frozenset[str]) -> None:
        if outcome := self._send_results(series, sorted(instances)):
            self.failures.pop(series, None)
            self.spool.mark_reported(series, instances)
            self.ledger.reported(series, instances)
            self.count(outcome)

    def _send_results(self, series: str, instances: list[str]) -> str | None:
        """Return what became of the series; None where answers are gone, and the model is to be asked again."""
        verdict = self._verdict(series, instances)
        if not verdict.taken:
            _LOG.info("series left out", extra={"series": series, "reason": verdict.reason})
            return "left"
        objects = list(self._answered(series, instances))
        if len(objects) < len(instances):
            return None
        result = series_result(self.predictor, objects)
        drawn = with_pictures(result, self.captures, lambda image: self._draw(series, image))
        made = self._make(drawn)
        for destination in self.destinations:
            self._send(destination, series, _wanted(destination, made))
        _LOG.info("series reported", extra={"series": series, "images": result.summary.images})
        return "resulted"

    def _make(self, drawn: StudyResult) -> dict[bool, list[ResultObject]]:
        """Return the objects of a result, and under True those that may go where nobody is to be recognised."""
        now = datetime.now(UTC)
        made = {False: result_objects(drawn, now=now, captures=self.captures)}
        if any(destination.pseudonyms for destination in self.destinations):
            made[True] = result_objects(without_burnt_in(drawn), now=now, captures=self.captures)
        return made

    def _verdict(self, series: str, instances: list[str]) -> Verdict:
        """Return that of the first object that is taken, for one series may hold images of several types."""
        files = (self.spool.load(series, instance) for instance in instances)
        verdicts = (select(facts_of_file(data, len(instances)), self.rules) for data in files)
        first = next(verdicts)
        return first if first.taken else next((one for one in verdicts if one.taken), first)

    def _answered(self, series: str, instances: list[str]) -> Iterator[SeriesObject]:
        for instance in instances:
            answers = self.spool.answers(series, instance, self.predictor.classifier.sha256)
            if answers is None:
                self.ledger.unanswer(series, instance)
            else:
                yield SeriesObject(header_of(self.spool.load(series, instance), self.predictor.limits), answers)

    def _draw(self, series: str, image: ImageResult) -> bytes:
        assert image.source is not None
        data = self.spool.load(series, uid_key(str(image.source.SOPInstanceUID)))
        return self.predictor.draw(Task(data, True, series, image.frame))[1]

    def _send(self, destination: Destination, series: str, objects: Sequence[Dataset]) -> None:
        for one in objects:
            self.outbox.put(destination.name, series, uid_key(str(one.SOPInstanceUID)), written(one))


def _wanted(destination: Destination, made: dict[bool, list[ResultObject]]) -> list[Dataset]:
    """Return what a destination gets."""
    pseudonyms = destination.pseudonyms
    wanted = (one.dataset for one in made[pseudonyms is not None] if one.kind in destination.results)
    return [one if pseudonyms is None else deidentified(one, pseudonyms) for one in wanted]
