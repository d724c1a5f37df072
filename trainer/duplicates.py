"""Find images that show the same picture: pixel-identical ones and near duplicates, flips included."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_EDGE = 64
_BLOCK = 1024


def thumbnails(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Shrink uint8 `[N, S, S, C]` to grey float32 `[N, 64, 64]`."""
    out = np.empty((len(pixels), _EDGE, _EDGE), np.float32)
    for row, image in enumerate(pixels):
        grey = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).convert("L")
        out[row] = np.asarray(grey.resize((_EDGE, _EDGE), Image.Resampling.BILINEAR), np.float32)
    return out


def identical_pairs(digests: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield (first, other) for every digest that was seen before."""
    first: dict[str, int] = {}
    for row, digest in enumerate(digests):
        if digest in first:
            yield first[digest], row
        else:
            first[digest] = row


def near_pairs(images: NDArray[np.float32], threshold: float) -> Iterator[tuple[int, int]]:
    """Yield pairs of thumbnails whose Pearson correlation is at least `threshold`, under flips and 180 degrees too.

    Exhaustive, in blocks of rows: time grows with N squared, memory with N. Images without contrast match nothing.
    """
    base = _standardised(images)
    for view in (images, images[:, :, ::-1], images[:, ::-1], images[:, ::-1, ::-1]):
        turned = _standardised(view)
        for start in range(0, len(base), _BLOCK):
            block = turned[start : start + _BLOCK] @ base[start:].T
            rows, columns = np.nonzero(block >= threshold)
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
                if column > row:
                    yield start + row, start + column


def _standardised(images: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = images.reshape(len(images), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(np.divide(flat, norm, out=np.zeros_like(flat), where=norm > 1e-3))
