"""Find images that show the same picture: pixel-identical ones and near duplicates, flips included."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.imaging import WHOLE, Region
from trainer.similarity.correlation import VIEWS, CorrelationSearch

_EDGE = 64


def thumbnail(image: Image.Image, region: Region = WHOLE) -> NDArray[np.uint8]:
    """Return a grey thumbnail `[64, 64]` of a region of a picture, stretched to a square."""
    grey = image.convert("L")
    return np.asarray(grey.resize((_EDGE, _EDGE), Image.Resampling.BILINEAR, region.box(image.size)))


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


def near_pairs(images: NDArray[np.generic], threshold: float) -> Iterator[tuple[int, int]]:
    """Yield pairs of thumbnails whose Pearson correlation is at least `threshold`, under flips and 180 degrees too.

    Exhaustive; a pair comes once for each view in which it correlates. Images without contrast match nothing.
    """
    search = CorrelationSearch(images, threshold)
    for start in search.blocks():
        for number in range(len(VIEWS)):
            rows, columns = search.block(start, number)
            later = columns > rows
            yield from zip(rows[later].tolist(), columns[later].tolist(), strict=True)
