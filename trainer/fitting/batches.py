"""Batches of cached images in a seeded order."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from trainer.data.mask_cache import UNKNOWN
from trainer.fitting.fit_data import Rows


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Float32 images `[B, S, S, C]` in 0..255 or features `[B, F]`, integer labels and, for training, class weights.

    Where there are masks, float32 `[B, S, S, 1]` of 0, 1 and, for unknown, -1 come beside the images.
    """

    def __init__(
        self,
        pixels: Rows,
        rows: NDArray[np.int64],
        labels: NDArray[np.int64],
        batch_size: int,
        class_weights: NDArray[np.float64] | None = None,
        masks: NDArray[np.uint8] | None = None,
    ) -> None:
        """`rows` picks images of `pixels` in that order; `labels` has one entry for every image of `pixels`."""
        super().__init__()
        self._pixels = pixels
        self._rows = rows
        self._labels = labels
        self._batch_size = batch_size
        self._class_weights = class_weights
        self._masks = masks

    def __len__(self) -> int:
        return -(-len(self._rows) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        rows = self._rows[index * self._batch_size : (index + 1) * self._batch_size]
        images = self._inputs(rows)
        labels = self._labels[rows].astype(np.float32)
        if self._class_weights is None:
            return images, labels
        return images, labels, self._class_weights[self._labels[rows]].astype(np.float32)

    def _inputs(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | dict[str, NDArray[np.float32]]:
        images = self._pixels[rows].astype(np.float32)
        if self._masks is None:
            return images
        masks = self._masks[rows].astype(np.float32)
        return {"image": images, "mask": np.where(masks == UNKNOWN, np.float32(-1), masks)}


def balanced_weights(labels: NDArray[np.int64], class_count: int) -> NDArray[np.float64]:
    """Return n / (K * n_k) for each class k, so that every class weighs the same."""
    counts = np.bincount(labels, minlength=class_count)
    weights: NDArray[np.float64] = len(labels) / (class_count * np.maximum(counts, 1))
    return weights
