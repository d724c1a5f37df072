"""An archive, a model and threads: what the commands work with."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from service.classifier import Classifier
from service.dicomweb import DicomWebOptions, FoundStudy
from service.dicomweb_worker.query import StudyQuery
from service.errors import NotReady, SettingsError
from service.imaging import Limits
from service.prediction import Predictor
from service.series_selection import read_rules
from service.settings import Settings
from service.studies import Computing, StudyAnswer, StudyClassification, StudyOptions, archive_options, open_archive
from service.uid_key import uid_key


@dataclass(frozen=True)
class Worker:
    """Use it in one thread; the computing is done in those of `computing`."""

    archive: DicomWebOptions
    predictor: Predictor
    options: StudyOptions
    computing: Computing

    def find(self, query: StudyQuery, today: date) -> list[FoundStudy]:
        """Return the studies of the archive that match; raises PeerError."""
        with open_archive(self.archive) as archive:
            return list(archive.qido.studies(query.parameters(today)))

    def classify(self, study: str) -> StudyAnswer:
        """Deal with one study; raises as `StudyClassification.classify` does."""
        with open_archive(self.archive) as archive:
            key = uid_key(study)
            return StudyClassification(archive, self.predictor, self.options, self.computing, key).classify(study)


@contextmanager
def open_worker(
    settings: Settings, classifier: Classifier, stopping: threading.Event, **wanted: bool
) -> Iterator[Worker]:
    """Give a worker for the archive of the settings, until `stopping` is set; raises SettingsError.

    `wanted` are `store`, `skip_reported` and `dry_run` of `StudyOptions`.
    """

    def check() -> None:
        if stopping.is_set():
            raise NotReady("The worker is stopping.")

    rules = read_rules(settings.dicomweb_selection)
    options = StudyOptions(
        rules, settings.dicomweb_captures, settings.dicomweb_max_images, settings.max_bytes, **wanted
    )
    predictor = Predictor(classifier, Limits(settings.max_pixels), settings.novelty_policy, settings.header_policy)
    with ThreadPoolExecutor(settings.threads, "compute") as pool:
        computing = Computing(pool.submit, settings.threads, check=check)
        yield Worker(require_archive(settings), predictor, options, computing)


def require_archive(settings: Settings) -> DicomWebOptions:
    """Return where the archive is; raises SettingsError where the settings name none."""
    if not settings.dicomweb_url:
        raise SettingsError("SERVICE_DICOMWEB_URL is not set: the root of the archive's DICOMweb (see --help).")
    return archive_options(settings)
