"""Connected components, edge by edge, in memory that grows with the nodes only."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


class Components:
    """Numbers the components of a graph whose edges come in blocks."""

    def __init__(self, labels: Sequence[int] | NDArray[np.intp]) -> None:
        """Start with nodes that share a number in one component."""
        self.labels: NDArray[np.intp] = np.unique(np.asarray(labels, np.intp), return_inverse=True)[1]

    def join(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> None:
        """Add the edges between `first` and `second`."""
        count = int(self.labels.max(initial=-1)) + 1
        edges = self.labels[first], self.labels[second]
        graph = coo_array((np.ones(len(first), np.bool_), edges), shape=(count, count))
        self.labels = connected_components(graph, directed=False)[1].astype(np.intp)[self.labels]
