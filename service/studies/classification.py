"""Classify the selected series of a study: retrieve, ask the model, report, and store where that is wanted.

One image is retrieved while others are computed, and none is kept: the memory that a study takes is that of its
headers. Files of images that are drawn are retrieved again.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from pydicom import Dataset

from service.batch.auditing import UNAUDITED, Audit, Turn
from service.errors import ArchiveFailed, PayloadTooLarge, PeerError, PeerLacks, PeerTooLarge, ProblemError
from service.prediction import Predictor, Task, identify
from service.problem_object import describe
from service.reports.structured_report import report_uid
from service.reports.study_result import ImageResult, StudyResult
from service.reports.written import written
from service.series import (
    ObjectAnswers,
    ResultObject,
    SeriesObject,
    answer_object,
    header_of,
    refused_frame,
    result_objects,
    series_result,
    with_pictures,
)
from service.series_selection import SelectionRules, Verdict
from service.studies.answer import SeriesAnswer, StudyAnswer, StudyObject, images_of
from service.studies.archive import Archive
from service.studies.computing import Computing
from service.studies.plan import PlannedSeries, frames_of, plan_study

_HAS_REPORT = Verdict(False, "has its report of this model")


@dataclass(frozen=True)
class StudyOptions:
    """`captures` is a number for each series, `max_images` counts the frames of a study, `max_bytes` is of one object.

    With `store` the results go to the archive; `skip_reported` leaves out series whose report is there; with `dry_run`
    nothing is retrieved, and the answer says which series would be classified.
    """

    rules: SelectionRules
    captures: int
    max_images: int
    max_bytes: int
    store: bool = False
    skip_reported: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class StudyClassification:
    """How a study is classified; `audit` is told of every image."""

    archive: Archive
    predictor: Predictor
    options: StudyOptions
    computing: Computing
    request_id: str
    audit: Audit = UNAUDITED

    def classify(self, study: str) -> StudyAnswer:
        """Return what is said of a study.

        Raises StudyNotFound, ArchiveFailed, DeadlineExceeded, and PayloadTooLarge for more images than are classified.
        """
        try:
            found = plan_study(self.archive, study, self.options.rules, self.computing.check_time)
            plans = [self._unless_reported(study, plan) for plan in found]
            self._check_size(plans)
            series = self._series(study, plans)
        except PeerError as error:
            raise ArchiveFailed(f"The archive failed: {error}. Try again later, or look at its log.") from error
        model = identify(self.predictor.classifier)
        return StudyAnswer(study_uid=study, series=series, model=model, request_id=self.request_id)

    def _unless_reported(self, study: str, plan: PlannedSeries) -> PlannedSeries:
        if not (self.options.skip_reported and plan.verdict.taken):
            return plan
        report = report_uid(self.predictor.classifier.sha256, [plan.uid])
        return replace(plan, verdict=_HAS_REPORT) if self.archive.qido.has_instance(study, report) else plan

    def _check_size(self, plans: Sequence[PlannedSeries]) -> None:
        images = sum(plan.images for plan in plans if plan.verdict.taken)
        if images > self.options.max_images:
            raise PayloadTooLarge(
                f"The selected series of the study hold {images} images, and {self.options.max_images} are classified "
                "at most. Narrow SERVICE_DICOMWEB_SELECTION, or raise SERVICE_DICOMWEB_MAX_IMAGES."
            )

    def _series(self, study: str, plans: Sequence[PlannedSeries]) -> tuple[SeriesAnswer, ...]:
        answers = []
        first = 0
        for plan in plans:
            answers.append(self._answer(study, plan, first))
            first += plan.images if plan.verdict.taken else 0
        return tuple(answers)

    def _answer(self, study: str, plan: PlannedSeries, first: int) -> SeriesAnswer:
        answer = SeriesAnswer(
            series_uid=plan.uid,
            taken=plan.verdict.taken,
            reason=plan.verdict.reason,
            instances=len(plan.headers),
        )
        if self.options.dry_run or not plan.verdict.taken:
            return answer
        try:
            objects = self._objects(study, plan, first)
            result = self.computing.compute(partial(series_result, self.predictor, objects))
            answer = answer.model_copy(update={"summary": result.summary, "images": images_of(result)})
            return answer.model_copy(update={"objects": self._report(study, plan.uid, result)})
        except ProblemError as error:
            self.computing.check_time()
            return answer.model_copy(update={"problem": describe(error, self.request_id)})

    def _objects(self, study: str, plan: PlannedSeries, first: int) -> list[SeriesObject]:
        """Return the answers to all images of a series."""
        waiting: deque[Future[SeriesObject]] = deque()
        objects = []
        for header in plan.headers:
            fetched = self._fetch(study, plan.uid, header)
            if fetched is None:
                continue
            while len(waiting) >= self.computing.at_once:
                objects.append(self.computing.outcome(waiting.popleft()))
            self.computing.check_time()
            waiting.append(self.computing.submit(partial(self._read, header, fetched, first)))
            first += frames_of(header)
        return [*objects, *(self.computing.outcome(job) for job in waiting)]

    def _fetch(self, study: str, series: str, header: Dataset) -> bytes | ProblemError | None:
        """Return the file of an image, the problem of one that is too large, None for one that was removed."""
        max_bytes = self.options.max_bytes
        try:
            return self.archive.wado.instance(study, series, str(header.SOPInstanceUID), max_bytes)
        except PeerTooLarge:
            return PayloadTooLarge(f"The object has more than {max_bytes} bytes. Raise SERVICE_MAX_BYTES.")
        except PeerLacks:
            return None

    def _read(self, header: Dataset, fetched: bytes | ProblemError, first: int) -> SeriesObject:
        """Ask the model about one object; where its own header cannot be read that of the archive's metadata counts."""
        if isinstance(fetched, ProblemError):
            return SeriesObject(header, self._refused(fetched, first))
        answers = answer_object(self.predictor, fetched, self.request_id, self.audit, first)
        return SeriesObject(header_of(fetched, self.predictor.limits) or header, answers)

    def _refused(self, problem: ProblemError, first: int) -> ObjectAnswers:
        try:
            with self.audit.image(Turn(first)):
                raise problem
        except ProblemError as error:
            refused = refused_frame(None, error, self.request_id)
        return ObjectAnswers(model=identify(self.predictor.classifier), results=(refused,))

    def _report(self, study: str, series: str, result: StudyResult) -> tuple[StudyObject, ...]:
        drawn = with_pictures(result, self.options.captures, partial(self._draw, study, series))
        made = self.computing.compute(
            partial(result_objects, drawn, now=datetime.now(UTC), captures=self.options.captures)
        )
        stored = [self._store(one) for one in reversed(made)]  # the report at last: where it is, nothing is missing
        return tuple(reversed(stored))

    def _draw(self, study: str, series: str, image: ImageResult) -> bytes:
        assert image.source is not None
        data = self.archive.wado.instance(study, series, str(image.source.SOPInstanceUID), self.options.max_bytes)
        task = Task(data, True, self.request_id, image.frame)
        return self.computing.compute(lambda: self.predictor.draw(task)[1])

    def _store(self, made: ResultObject) -> StudyObject:
        if self.options.store:
            self.archive.stow.store(written(made.dataset))
        return StudyObject(
            kind=made.kind,
            sop_class_uid=str(made.dataset.SOPClassUID),
            sop_instance_uid=str(made.dataset.SOPInstanceUID),
            stored=self.options.store,
        )
