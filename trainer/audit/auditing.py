"""The audit: survey the files once, compare them, probe for shortcuts, doubt labels."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from service.classifier import Classifier
from trainer.audit.cleaning import Cleaning
from trainer.audit.label_errors import LabelErrors, find_label_errors
from trainer.audit.levels import Level
from trainer.audit.pairs import Pictures, exact_pairs, near_pictures
from trainer.audit.patients import Patients
from trainer.audit.probe import Probe, probe
from trainer.audit.survey import Survey, survey
from trainer.audit.tally import Tally
from trainer.data.sample import Sample
from trainer.similarity.components import Components

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Audit:
    """What was found. Rows count the usable files of `survey`; `alike` numbers what is connected by repeats, `[U]`."""

    survey: Survey
    tally: Tally
    alike: NDArray[np.intp]
    cleaning: Cleaning
    probe: Probe | None
    label_errors: LabelErrors | None

    @property
    def clean_samples(self) -> list[Sample]:
        """The usable files without the redundant and the contradictory ones."""
        return list(compress(self.survey.usable_samples, self.cleaning.kept))


def audit(samples: Sequence[Sample], weakest: Level, classifier: Classifier | None = None) -> Audit:
    """Audit the samples; `weakest` is the level up to which a clean manifest leaves copies out.

    Label errors are looked for where there is a classifier. Raises DataError when no file can be used.
    """
    seen = survey(samples)
    usable = seen.usable_samples
    logger.info("comparing %d pictures", len(usable))
    pictures = Pictures([facts.pixel_sha256 for facts in seen.usable_facts])
    tally, cleaning = Tally(usable), Cleaning(usable, weakest)
    alike = Components(pictures.of_row)
    patients = Patients(usable, pictures)
    for block in exact_pairs([facts.file_sha256 for facts in seen.usable_facts], pictures):
        tally.add(block)
        cleaning.add(block)
    for near in near_pictures(seen.thumbnails[pictures.rows], seen.hashes.of(pictures.rows)):
        block = pictures.expand(near)
        alike.join(block.first, block.second)
        patients.join(block)
        tally.add(block)
        cleaning.add(block)
    logger.info("probing for shortcuts")
    probed = probe(seen, patients.groups)
    errors = find_label_errors(seen, patients.groups, classifier) if classifier else None
    return Audit(seen, tally, alike.labels, cleaning, probed, errors)
