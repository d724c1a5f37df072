"""All pairs of files that show the same picture, strongest level first, as blocks of arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.audit.hashes import ViewHashes, alike
from trainer.audit.levels import MIN_CORRELATION, Level
from trainer.similarity.correlation import BLOCK, VIEWS, CorrelationSearch

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class PairBlock:
    """Pairs of rows of the usable files, `first < second`, and the `Level` of each."""

    first: Rows
    second: Rows
    level: NDArray[np.int8]


def exact_pairs(files: Sequence[str], pictures: "Pictures") -> Iterator[PairBlock]:
    """Yield all pairs of equal pixels, given the hashes of the files; a lesser first row of a picture comes first."""
    file_hashes = np.array(files)
    for group in pictures.repeated():
        for position, row in enumerate(group[:-1]):
            others = group[position + 1 :]
            same_bytes = file_hashes[others] == file_hashes[row]
            level = np.where(same_bytes, Level.BYTES, Level.PIXELS).astype(np.int8)
            yield PairBlock(np.full(len(others), row), others, level)


def near_pictures(thumbnails: NDArray[np.uint8], hashes: ViewHashes) -> Iterator[PairBlock]:
    """Yield all near pairs of pictures, every pair once, in ascending order of the first.

    In a pair the first picture as it is resembles some view of the second. Memory grows with the number of pictures,
    not with that of the pairs.
    """
    search = CorrelationSearch(thumbnails, MIN_CORRELATION)
    for start in search.blocks():
        near = _resembling(search, hashes, start, 0)
        found = near.copy()
        for number in range(1, len(VIEWS)):
            found |= _resembling(search, hashes, start, number)
        first, second = np.nonzero(np.triu(found, 1))
        level = np.where(near[first, second], Level.NEAR, Level.MIRRORED).astype(np.int8)
        yield PairBlock(first + start, second + start, level)


def _resembling(search: CorrelationSearch, hashes: ViewHashes, start: int, number: int) -> NDArray[np.bool_]:
    """Return `[block, rest]`: whether the correlation or the hashes make a pair near in that view."""
    block = range(start, min(start + BLOCK, len(hashes.dhash)))
    result = np.stack([alike(hashes, row, slice(start, None), number) for row in block])
    rows, columns = search.block(start, number)
    result[rows - start, columns - start] = True
    return result


class Pictures:
    """Files with the same pixels as one picture; `rows` has the first file of each."""

    def __init__(self, digests: Sequence[str]) -> None:
        """Group the rows by their digest, pictures in the order of their first file."""
        _, rows, inverse = np.unique(np.array(digests), return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(rows))
        self.of_row: Rows = rank[inverse]
        self.rows: Rows = np.sort(rows)
        self._members: Rows = np.argsort(self.of_row, kind="stable")
        self._sizes: Rows = np.bincount(self.of_row)
        self._starts: Rows = np.cumsum(self._sizes) - self._sizes

    def repeated(self) -> Iterator[Rows]:
        """Yield the rows of each picture that has several files, in ascending order."""
        for number in np.flatnonzero(self._sizes > 1):
            yield self._members[self._starts[number] : self._starts[number] + self._sizes[number]]

    def expand(self, block: PairBlock) -> PairBlock:
        """Turn pairs of pictures into all pairs of their files; pairs of first files stay in their order."""
        counts = self._sizes[block.first] * self._sizes[block.second]
        pair = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        one, other = block.first[pair], block.second[pair]
        first = self._members[self._starts[one] + place // self._sizes[other]]
        second = self._members[self._starts[other] + place % self._sizes[other]]
        return PairBlock(np.minimum(first, second), np.maximum(first, second), block.level[pair])
