"""Batches of cached images."""

import numpy as np
import pytest

from trainer.fitting.batches import Batches, balanced_weights


@pytest.mark.parametrize(("count", "size", "lengths"), [(7, 3, [3, 3, 1]), (6, 3, [3, 3]), (2, 5, [2]), (0, 5, [])])
def test_every_row_comes_once_in_its_order(count: int, size: int, lengths: list[int]) -> None:
    pixels = np.arange(10, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
    rows = np.random.default_rng(0).permutation(10)[:count]
    batches = Batches(pixels, rows, np.arange(10) % 3, size)

    parts = [batches[index] for index in range(len(batches))]

    assert [len(images) for images, _ in parts] == lengths
    seen = [int(image[0, 0, 0]) for images, _ in parts for image in images]
    assert seen == rows.tolist()
    assert [int(label) for _, labels in parts for label in labels] == (rows % 3).tolist()
    assert all(images.dtype == np.float32 for images, _ in parts)


def test_class_weights_come_with_each_image() -> None:
    labels = np.array([0, 0, 0, 1])
    weights = balanced_weights(labels, 2)

    _, _, given = Batches(np.zeros((4, 2, 2, 1), np.uint8), np.array([3, 0]), labels, 4, weights)[0]

    assert given.tolist() == pytest.approx([4 / (2 * 1), 4 / (2 * 3)])


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 0, 0, 0, 1, 2, 2], [2, 1, 1, 0, 0, 0]])
def test_balanced_weights_give_every_class_the_same_sum(labels: list[int]) -> None:
    codes = np.array(labels)
    weights = balanced_weights(codes, 3)

    sums = [weights[code] * (codes == code).sum() for code in range(3)]

    assert sums == pytest.approx([len(labels) / 3] * 3)


def test_a_class_without_images_has_a_finite_weight() -> None:
    assert np.isfinite(balanced_weights(np.array([0, 0, 1]), 3)).all()
