"""The answers to a batch as the input of a report: of exactly the images that were sent."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from service.batch.answering import ReceivedFile
from service.batch.archive import Archive
from service.batch.limits import BatchLimits
from service.batch.summary import Tally
from service.errors import ProblemError
from service.imaging.signatures import is_dicom, is_zip
from service.prediction import Predictor, Task, identify
from service.reports.file_header import read_header
from service.reports.structured_report import suspicion
from service.reports.study_result import ImageResult, StudyResult
from service.schemas import BatchResult


@dataclass(frozen=True)
class AnsweredBatch:
    """What was sent, what was answered, and the bounds that held."""

    files: Sequence[ReceivedFile]
    results: Sequence[BatchResult]
    limits: BatchLimits

    def contents(self, wanted: Collection[int]) -> Iterator[tuple[int, bytes]]:
        """Yield the wanted files by their number, as the results count them: each entry of a ZIP is one."""
        number = 0
        for received in self.files:
            archive = self._archive(received, number)
            for entry in range(1 if archive is None else len(archive)):
                if number in wanted and not isinstance(received, ProblemError):
                    yield number, received if archive is None else archive.read(entry)
                number += 1

    def _archive(self, received: ReceivedFile, number: int) -> Archive | None:
        """Open a ZIP as it was opened, with as many images left; one that was refused has one result, as a file has."""
        if isinstance(received, ProblemError) or not is_zip(received):
            return None
        left = self.limits.max_images - sum(1 for one in self.results if one.file < number)
        try:
            return Archive(received, self.limits, left) if left > 0 else None
        except ProblemError:
            return None


def result_of_batch(predictor: Predictor, batch: AnsweredBatch, captures: int) -> StudyResult:
    """Join the answers with the headers of their files, the `captures` most suspicious DICOM images drawn.

    Files of a ZIP are inflated again, one at a time. A file that was refused as a whole, or is no DICOM object, is
    counted and is no evidence. Raises NotReportable for a DICOM header that cannot be read.
    """
    opened = {one.file for one in batch.results if one.frame is not None}
    headers = {number: read_header(data, predictor.limits) for number, data in batch.contents(opened) if is_dicom(data)}
    images = [ImageResult(one.prediction, one.problem, headers.get(one.file), one.frame or 0) for one in batch.results]
    for number, picture in _pictures(predictor, batch, _most_suspicious(images, captures)):
        images[number] = replace(images[number], picture=picture)
    tally = Tally()
    for one in batch.results:
        tally.add(one)
    return StudyResult(tuple(images), tally.summary(), identify(predictor.classifier), predictor.classifier.card)


def _most_suspicious(images: Sequence[ImageResult], count: int) -> list[int]:
    answered = [number for number, one in enumerate(images) if one.prediction is not None and one.source is not None]
    return sorted(answered, key=lambda number: -suspicion(images[number]))[:count]


def _pictures(predictor: Predictor, batch: AnsweredBatch, chosen: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Draw the chosen results."""
    for file, data in batch.contents({batch.results[number].file for number in chosen}):
        for number in chosen:
            one = batch.results[number]
            if one.file == file and one.prediction is not None:
                yield number, predictor.draw(Task(data, True, one.prediction.request_id, one.frame))[1]
