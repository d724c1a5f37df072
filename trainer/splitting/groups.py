"""Groups: what shows the same picture or the same patient, and therefore never straddles two splits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from trainer.data.image_cache import Images
from trainer.data.sample import EXCLUDED, Sample
from trainer.similarity.components import Components
from trainer.similarity.duplicates import identical_pairs, near_pairs

_PRECEDENCE = ("test", "validation", "train", EXCLUDED)


def with_groups(samples: Sequence[Sample], images: Images, near: float) -> list[Sample]:
    """Give every sample its final group: a connected component of equal given groups, identical and near pixels.

    `samples` and `images` are in the same order. Two images are near from the correlation `near` of the whole pictures
    or of the heads in them, so that a copy with another rim is found, too; above 1 none are. Two images that both have
    a given group are not joined for being near: the first and last slices of two patients can look alike, and would
    chain all patients into one group.
    """
    pairs = list(identical_pairs([sample.group or f"row {row}" for row, sample in enumerate(samples)]))
    pairs += identical_pairs(images.pixel_sha256)
    if near <= 1:
        near_ones = chain.from_iterable(near_pairs(shown, near) for shown in images.thumbnails.swapaxes(0, 1))
        pairs += [(a, b) for a, b in near_ones if samples[a].group is None or samples[b].group is None]
    alike = Components(range(len(samples)))
    alike.join(*np.array(pairs, np.intp).reshape(-1, 2).T)
    return [replace(sample, group=f"g{number:05d}") for sample, number in zip(samples, alike.labels, strict=True)]


def shared_between_sources(samples: Sequence[Sample]) -> dict[str, int]:
    """Return how many samples of each source are in a group with samples of another source."""
    sources: dict[str | None, set[str]] = {}
    for sample in samples:
        sources.setdefault(sample.group, set()).add(sample.source)
    return dict(Counter(sample.source for sample in samples if len(sources[sample.group]) > 1))


def settle_conflicts(samples: Sequence[Sample]) -> list[Sample]:
    """Where a group has members of several given splits, keep the one held out most strictly and exclude the rest.

    A member without a split goes with it, or is excluded where another member is.
    """
    given: dict[str | None, set[str]] = {}
    for sample in samples:
        if sample.split:
            given.setdefault(sample.group, set()).add(sample.split)
    return [_settled(sample, given.get(sample.group, set())) for sample in samples]


def _settled(sample: Sample, given: set[str]) -> Sample:
    if not given:
        return sample
    winner = min(given, key=_PRECEDENCE.index)
    if sample.split is None:
        return replace(sample, split=EXCLUDED if EXCLUDED in given else winner)
    return sample if sample.split == winner else replace(sample, split=EXCLUDED)
