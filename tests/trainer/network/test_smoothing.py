"""The blur of what is classified."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.network.smoothing import Smoothing, smoothed


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), height=st.integers(2, 9), width=st.integers(2, 9), channels=st.sampled_from([1, 3]))
def test_it_is_the_binomial_filter_with_a_mirrored_border(seed: int, height: int, width: int, channels: int) -> None:
    images = np.random.default_rng(seed).uniform(0, 255, (2, height, width, channels)).astype(np.float32)
    mirrored = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    expected = sum(
        weight * mirrored[:, row : row + height, column : column + width]
        for row, line in enumerate(np.outer((1, 2, 1), (1, 2, 1)) / 16)
        for column, weight in enumerate(line)
    )

    assert np.asarray(Smoothing()(images)) == pytest.approx(expected, abs=1e-3)


def test_the_finest_checkerboard_becomes_flat_but_not_in_training_and_flat_images_stay() -> None:
    board = (np.indices((8, 8)).sum(axis=0) % 2 * 255.0).astype(np.float32)[None, ..., None]

    assert np.array_equal(Smoothing()(board, training=True), board)
    assert np.asarray(smoothed(board)) == pytest.approx(np.full_like(board, 127.5))
    assert np.asarray(smoothed(np.full_like(board, 200))) == pytest.approx(np.full_like(board, 200))
