"""The nearest image in blocks is that of all distances at once."""

import numpy as np
import pytest

from trainer.similarity.nearest import nearest_rows


@pytest.mark.parametrize("block", [1, 7, 1024])
def test_the_nearest_row_is_found_whatever_the_block(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr("trainer.similarity.nearest._BLOCK", block)
    images = np.random.default_rng(0).integers(0, 256, (60, 30), dtype=np.uint8)
    train, test = list(range(0, 60, 2)), list(range(1, 60, 2))
    distances = ((images[test][:, None].astype(int) - images[train][None].astype(int)) ** 2).sum(axis=2)

    assert nearest_rows(images, train, test).tolist() == np.array(train)[distances.argmin(axis=1)].tolist()


def test_of_equal_distances_the_first_counts() -> None:
    images = np.array([[9], [5], [5], [5]], np.uint8)

    assert nearest_rows(images, [0, 1, 2], [3]).tolist() == [1]
