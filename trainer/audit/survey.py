"""Inspect every file once; of each only facts, a thumbnail and hashes are kept, so memory does not grow with pixels."""

import logging
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.audit.hashes import ViewHashes
from trainer.audit.inspection import Facts, Inspected, inspect
from trainer.data.sample import Sample
from trainer.errors import DataError

logger = logging.getLogger(__name__)
_LOGGED_EVERY = 2000
_AHEAD = 4


@dataclass(frozen=True)
class Survey:
    """All files in one order; of the U usable ones also `thumbnails`, uint8 `[U, 64, 64]`, and `hashes`, `[U, 4]`."""

    samples: list[Sample]
    facts: list[Facts]
    thumbnails: NDArray[np.uint8]
    hashes: ViewHashes

    @cached_property
    def bad(self) -> list[tuple[Sample, Facts]]:
        """The files that cannot be used, with what is wrong."""
        return [pair for pair in zip(self.samples, self.facts, strict=True) if pair[1].problem]

    @cached_property
    def usable(self) -> list[tuple[Sample, Facts]]:
        """The files that can be used, in the order of `thumbnails`."""
        return [pair for pair in zip(self.samples, self.facts, strict=True) if not pair[1].problem]

    @cached_property
    def usable_samples(self) -> list[Sample]:
        """The samples of the files that can be used."""
        return [sample for sample, _ in self.usable]

    @cached_property
    def usable_facts(self) -> list[Facts]:
        """The facts of the files that can be used."""
        return [facts for _, facts in self.usable]


def survey(samples: Sequence[Sample]) -> Survey:
    """Inspect the files in as many threads as there are cores. Raises DataError when none can be used."""
    facts: list[Facts] = []
    thumbnails = np.empty((len(samples), 64, 64), np.uint8)
    hashes = ViewHashes(np.empty((len(samples), 4), np.uint64), np.empty((len(samples), 4), np.uint64))
    usable = 0
    for inspected in _inspect_all([sample.path for sample in samples]):
        facts.append(inspected.facts)
        if inspected.thumbnail is not None and inspected.hashes is not None:
            thumbnails[usable] = inspected.thumbnail
            hashes.dhash[usable], hashes.phash[usable] = inspected.hashes.dhash, inspected.hashes.phash
            usable += 1
        if len(facts) % _LOGGED_EVERY == 0:
            logger.info("inspected %d of %d files", len(facts), len(samples))
    if not usable:
        raise DataError(f"none of the {len(samples)} files can be used; {samples[0].path}: {facts[0].reason}")
    return Survey(list(samples), facts, thumbnails[:usable], ViewHashes(hashes.dhash[:usable], hashes.phash[:usable]))


def _inspect_all(paths: Sequence[Path]) -> Iterator[Inspected]:
    """Yield in the order of the paths, only a few files ahead of the reader."""
    cores = os.cpu_count() or 1
    pending: deque[Future[Inspected]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for path in paths:
            pending.append(pool.submit(inspect, path))
            if len(pending) > _AHEAD * cores:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
