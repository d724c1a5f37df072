"""Which images stay on one side when a classifier is cross-validated."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.audit.pairs import PairBlock, Pictures
from trainer.data.sample import Sample
from trainer.similarity.components import Components
from trainer.splitting.ordered_series import DEFAULT_BLOCK


class Patients:
    """Numbers groups that must not straddle folds, by the rule of the training split.

    Given groups, blocks of a series and equal pixels stay together, near pictures too where one of them has no group.
    """

    def __init__(self, samples: Sequence[Sample], pictures: Pictures) -> None:
        """Start with the given groups and equal pixels."""
        names = _given_groups(samples)
        self._known = np.array([name is not None for name in names])
        self._components = Components(pictures.of_row)
        first: dict[str, int] = {}
        pairs = [(first.setdefault(name, row), row) for row, name in enumerate(names) if name is not None]
        edges = np.array(pairs, np.intp).reshape(-1, 2)
        self._components.join(edges[:, 0], edges[:, 1])

    @property
    def groups(self) -> NDArray[np.intp]:
        """The number of the group of each sample."""
        return self._components.labels

    def join(self, block: PairBlock) -> None:
        """Join near pictures."""
        unknown = ~(self._known[block.first] & self._known[block.second])
        self._components.join(block.first[unknown], block.second[unknown])


def _given_groups(samples: Sequence[Sample]) -> list[str | None]:
    """Return the group of each sample, or the block of its series; None where neither is known."""
    seen: dict[str, int] = {}
    names: list[str | None] = []
    for sample in samples:
        if sample.group is None and sample.series is not None:
            place = seen.get(sample.series, 0)
            seen[sample.series] = place + 1
            names.append(f"{sample.series}:{place // (sample.block or DEFAULT_BLOCK)}")
        else:
            names.append(sample.group)
    return names
