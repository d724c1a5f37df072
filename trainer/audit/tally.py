"""Counts of repeated pictures by level and relation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.audit.data_sets import split_on_disk
from trainer.audit.levels import RELATIONS, Level
from trainer.audit.pairs import PairBlock
from trainer.data.sample import Sample

LISTED = 1000
"""So many pairs of each level and relation are listed one by one; all are counted."""


class Tally:
    """Counts pairs and the files in them; `pairs` is int `[level, relation]`, `files` bool `[level, relation, N]`."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        """Start with the usable samples and no pairs."""
        self._labels = _numbers([sample.label for sample in samples])
        self._sources = _numbers([sample.source for sample in samples])
        self._splits = _numbers([split_on_disk(sample) for sample in samples])
        self.pairs = np.zeros((len(Level), len(RELATIONS)), np.int64)
        self.files = np.zeros((*self.pairs.shape, len(samples)), np.bool_)
        self.listed: dict[tuple[Level, int], list[tuple[int, int]]] = {}

    def add(self, block: PairBlock) -> None:
        """Count a block of pairs of files."""
        relations = self._relations(block)
        for level in Level:
            of_level = block.level == level
            for relation, holds in enumerate(relations):
                chosen = of_level & holds
                if chosen.any():
                    self._count(level, relation, block.first[chosen], block.second[chosen])

    def _relations(self, block: PairBlock) -> list[NDArray[np.bool_]]:
        """Return for each of `RELATIONS` whether it holds; files of unknown split straddle none."""
        one, other = block.first, block.second
        same_class = self._labels[one] == self._labels[other]
        both_known = (self._splits[one] >= 0) & (self._splits[other] >= 0)
        return [
            same_class,
            ~same_class,
            both_known & (self._splits[one] != self._splits[other]),
            self._sources[one] != self._sources[other],
        ]

    def _count(self, level: Level, relation: int, first: NDArray[np.intp], second: NDArray[np.intp]) -> None:
        self.pairs[level, relation] += len(first)
        self.files[level, relation, first] = True
        self.files[level, relation, second] = True
        listed = self.listed.setdefault((level, relation), [])
        room = LISTED - len(listed)
        listed += zip(first[:room].tolist(), second[:room].tolist(), strict=True)


def _numbers(names: Sequence[str | None]) -> NDArray[np.intp]:
    """Number the names; None becomes -1."""
    order: dict[Any, int] = {name: number for number, name in enumerate(sorted({n for n in names if n is not None}))}
    return np.array([order.get(name, -1) for name in names], np.intp)
