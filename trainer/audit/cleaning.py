"""Which files a clean manifest leaves out. Files are never deleted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.audit.levels import Level
from trainer.audit.pairs import PairBlock
from trainer.data.sample import Sample

KEPT = -1


class Cleaning:
    """Keeps one file of those that are alike up to `weakest`; earlier files are kept before later ones.

    Files of the same pixels in different classes are all left out: nothing says which label is right. Near files in
    different classes are all kept: they can be neighbouring slices.
    """

    def __init__(self, samples: Sequence[Sample], weakest: Level) -> None:
        """Start with all usable samples kept."""
        names = sorted({sample.label for sample in samples})
        self._labels = np.array([names.index(sample.label) for sample in samples], np.intp)
        self._weakest = weakest
        self.copy_of: NDArray[np.intp] = np.full(len(samples), KEPT, np.intp)
        self.contradictory: NDArray[np.bool_] = np.zeros(len(samples), np.bool_)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Whether each usable file stays."""
        return np.asarray((self.copy_of == KEPT) & ~self.contradictory)

    def add(self, block: PairBlock) -> None:
        """Leave out what the pairs of `block` make redundant; exact pairs come before near ones."""
        same_class = self._labels[block.first] == self._labels[block.second]
        contradiction = ~same_class & (block.level <= Level.PIXELS)
        self.contradictory[block.first[contradiction]] = True
        self.contradictory[block.second[contradiction]] = True
        alike = same_class & (block.level <= self._weakest)
        self._leave_out(block.first[alike], block.second[alike])

    def _leave_out(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> None:
        starts = np.flatnonzero(np.diff(first, prepend=-1))
        for copies in np.split(np.arange(len(first)), starts[1:]) if len(first) else []:
            original = first[copies[0]]
            if self.copy_of[original] == KEPT and not self.contradictory[original]:
                others = second[copies]
                self.copy_of[others[self.copy_of[others] == KEPT]] = original
