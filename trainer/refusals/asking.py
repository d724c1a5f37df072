"""Ask a model about pictures that are no MRI and about scans, as the service does."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.classifier import Classifier
from trainer.data.sample import Sample
from trainer.prediction.answers import Answer, answer, answer_to
from trainer.refusals.synthetic import synthetic_png
from trainer.refusals.tally import Tally, tally

logger = logging.getLogger(__name__)


def ask_about_files(classifier: Classifier, kind: str, paths: Sequence[Path]) -> Tally:
    """Tally the files of a kind that is no MRI."""
    logger.info("%s: %d files", kind, len(paths))
    return tally(kind, ((answer(classifier, path, refuse_novel=True), None) for path in paths))


def ask_about_synthetic(classifier: Classifier, kind: str, count: int, seed: int) -> Tally:
    """Tally the first `count` pictures of a synthetic kind, encoded as a client would send them."""
    logger.info("%s: drawing %d pictures", kind, count)
    return tally(kind, ((_drawn(classifier, kind, number, seed), None) for number in range(count)))


def ask_about_scans(classifier: Classifier, samples: Sequence[Sample]) -> list[Tally]:
    """Tally the scans of each source; an image without a group is a group of its own where others have one."""
    grouped = any(sample.group for sample in samples)
    tallies = []
    for source in sorted({sample.source for sample in samples}):
        own = [sample for sample in samples if sample.source == source]
        logger.info("%s: %d scans", source, len(own))
        tallies.append(tally(source, _answered(classifier, own, grouped)))
    return tallies


def _answered(classifier: Classifier, samples: Sequence[Sample], grouped: bool) -> Iterator[tuple[Answer, str | None]]:
    for sample in samples:
        group = sample.group or str(sample.path) if grouped else None
        yield answer(classifier, sample.path, refuse_novel=True), group


def _drawn(classifier: Classifier, kind: str, number: int, seed: int) -> Answer:
    return answer_to(classifier, Path(f"{kind}-{number}.png"), synthetic_png(kind, number, seed), refuse_novel=True)
