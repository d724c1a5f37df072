"""What a network is fitted on."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Rows(Protocol):
    """Anything that gives the items of an array of row numbers: an array, or several behind each other."""

    def __getitem__(self, rows: NDArray[np.int64], /) -> NDArray[Any]:
        """Return `[len(rows), ...]`."""


@dataclass(frozen=True)
class FitData:
    """Images or their features with integer labels and numbers of groups, and the rows of the two splits.

    `pixels` is uint8 `[N, S, S, C]`, or float32 `[N, F]` when they are features. `masks`
    are those of `trainer.data.mask_cache`, where the network learns from them. Of every training item there are
    `copies` more versions: those of row `r` of `train` stand at `r + len(train)`, `r + 2 * len(train)` and so on.
    """

    pixels: Rows
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    class_count: int
    masks: NDArray[np.uint8] | None = None
    copies: int = 0

    def any_version(self, rows: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
        """Return a version of each of the training `rows`, drawn evenly from the original and its copies."""
        return rows + len(self.train) * random.integers(0, self.copies + 1, len(rows))
