"""Find every pair of thumbnails that correlate, without comparing every pair of thumbnails.

For two standardised images x and y (mean 0, length 1) the correlation is x . y. Let P be a projection onto orthonormal
directions and r(x) the length of what P leaves out. By Cauchy and Schwarz x . y <= Px . Py + r(x) r(y): a bound that
needs 65 numbers of an image instead of 4096 and misses nothing. Only pairs whose bound reaches the threshold are
compared in full.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

VIEWS = ("as it is", "mirrored left to right", "mirrored top to bottom", "turned by 180 degrees")
BLOCK = 512
_DIRECTIONS = 64
_LEARNT_FROM = 1024
_SLACK = 1e-4
_REST_ERROR = 1e-5
_DENSE = 0.01

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


def view(images: NDArray[np.generic], number: int) -> NDArray[np.generic]:
    """Return `[..., h, w]` as `VIEWS[number]` shows it. Each view is its own inverse."""
    return images[..., :: -1 if number & 2 else 1, :: -1 if number & 1 else 1]


class CorrelationSearch:
    """Pairs of `images`, `[N, h, w]` of any type, whose Pearson correlation is at least `threshold`.

    Beside the images it keeps 260 numbers of each. Images without contrast match nothing.
    """

    def __init__(self, images: NDArray[np.generic], threshold: float) -> None:
        """Project all views of all images; `threshold` lies above 0."""
        self._images = images
        self._threshold = threshold
        self._directions = _principal_directions(images)
        self._bounds = [self._bound_vectors(number) for number in range(len(VIEWS))]

    def blocks(self) -> range:
        """Return the first rows of the blocks."""
        return range(0, len(self._images), BLOCK)

    def block(self, start: int, number: int) -> Pairs:
        """Return (rows, columns): images of the block from `start` against `VIEWS[number]` of those from `start` on.

        A pair of two images of the block comes in both orders, and an image can be paired with itself.
        """
        reached = self._bounds[0][start : start + BLOCK] @ self._bounds[number][start:].T >= self._threshold - _SLACK
        ours = standardised(self._images[start : start + BLOCK])
        if np.count_nonzero(reached) > _DENSE * reached.size:
            rows, columns = self._product(ours, start + np.flatnonzero(reached.any(axis=0)), number)
        else:
            i, j = np.nonzero(reached)
            rows, columns = self._compare(ours, i, start + j, number)
        return rows + start, columns

    def _bound_vectors(self, number: int) -> NDArray[np.float32]:
        out = np.empty((len(self._images), self._directions.shape[1] + 1), np.float32)
        for start in range(0, len(out), BLOCK):
            flat = standardised(view(self._images[start : start + BLOCK], number))
            projected = flat @ self._directions
            rest = (flat**2).sum(axis=1) - (projected**2).sum(axis=1)
            out[start : start + BLOCK] = np.column_stack([projected, np.sqrt(np.maximum(rest, 0.0) + _REST_ERROR)])
        return out

    def _product(self, ours: NDArray[np.float32], columns: NDArray[np.intp], number: int) -> Pairs:
        """Compare `ours` with each of `columns`."""
        found = []
        for begin in range(0, len(columns), BLOCK):
            part = columns[begin : begin + BLOCK]
            theirs = standardised(view(self._images[part], number))
            rows, places = np.nonzero(ours @ theirs.T >= self._threshold)
            found.append((rows, part[places]))
        return _joined(found)

    def _compare(
        self, ours: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp], number: int
    ) -> Pairs:
        """Compare `ours[rows]` with `columns`, pair by pair."""
        found = []
        for begin in range(0, len(rows), BLOCK):
            i, j = rows[begin : begin + BLOCK], columns[begin : begin + BLOCK]
            theirs = standardised(view(self._images[j], number))
            kept = np.einsum("ij,ij->i", ours[i], theirs) >= self._threshold
            found.append((i[kept], j[kept]))
        return _joined(found)


def _joined(found: Sequence[Pairs]) -> Pairs:
    none = np.empty(0, np.intp)
    rows, columns = zip(*found, strict=True) if found else ((none,), (none,))
    return np.concatenate(rows), np.concatenate(columns)


def standardised(images: NDArray[np.generic]) -> NDArray[np.float32]:
    """Flatten to float32 `[N, h * w]` of mean 0 and length 1; images without contrast become 0."""
    flat = images.reshape(len(images), math.prod(images.shape[1:])).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(np.divide(flat, norm, out=np.zeros_like(flat), where=norm > 1e-3))


def _principal_directions(images: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return orthonormal columns `[h * w, <= 64]` along which a sample of the images differs most."""
    rows = np.unique(np.linspace(0, max(len(images) - 1, 0), _LEARNT_FROM, dtype=np.intp))
    flat = standardised(images[rows[: len(images)]])
    _, vectors = np.linalg.eigh(flat @ flat.T)
    basis, _ = np.linalg.qr(flat.T @ vectors[:, -_DIRECTIONS:])
    return np.asarray(basis, np.float32)
