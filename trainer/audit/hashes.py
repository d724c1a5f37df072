"""Perceptual hashes: 64 bits that hardly change when a picture is scaled, re-encoded or brightened."""

from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.similarity.correlation import VIEWS, view

MAX_BITS = 4


@dataclass(frozen=True, slots=True)
class ViewHashes:
    """dHash and pHash of every view of a picture, uint64 `[4]` each, or `[N, 4]` of N pictures."""

    dhash: NDArray[np.uint64]
    phash: NDArray[np.uint64]

    def of(self, rows: NDArray[np.intp]) -> "ViewHashes":
        """Return those of some pictures."""
        return ViewHashes(self.dhash[rows], self.phash[rows])


def view_hashes(grey: Image.Image) -> ViewHashes:
    """Hash the views of a small grey picture."""
    pixels = np.asarray(grey)
    views = [Image.fromarray(np.ascontiguousarray(view(pixels, number))) for number in range(len(VIEWS))]
    return ViewHashes(
        np.array([_number(imagehash.dhash(image)) for image in views], np.uint64),
        np.array([_number(imagehash.phash(image)) for image in views], np.uint64),
    )


def alike(hashes: ViewHashes, row: int, columns: slice, number: int) -> NDArray[np.bool_]:
    """Return for each of `columns` whether dHash and pHash of that view differ from those of `row` in <= 4 bits."""
    near = _distance(hashes.dhash[row, 0], hashes.dhash[columns, number]) <= MAX_BITS
    near &= _distance(hashes.phash[row, 0], hashes.phash[columns, number]) <= MAX_BITS
    return np.asarray(near)


def _distance(one: np.uint64, others: NDArray[np.uint64]) -> NDArray[np.uint8]:
    return np.asarray(np.bitwise_count(one ^ others), np.uint8)


def _number(value: imagehash.ImageHash) -> int:
    return int.from_bytes(np.packbits(value.hash).tobytes(), "big")
