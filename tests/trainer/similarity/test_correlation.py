"""The search by bounds finds the same pairs as a comparison of all thumbnails with all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.similarity.correlation import VIEWS, CorrelationSearch, standardised, view
from trainer.similarity.duplicates import near_pairs

Pairs = set[tuple[int, int]]


def all_with_all(images: np.ndarray, threshold: float) -> Pairs:
    base = standardised(images)
    found: Pairs = set()
    for number in range(len(VIEWS)):
        rows, columns = np.nonzero(standardised(view(images, number)) @ base.T >= threshold)
        found |= {(a, b) for a, b in zip(rows.tolist(), columns.tolist(), strict=True) if a < b}
    return found


def families(seed: int, count: int, spread: float, edge: int = 64) -> np.ndarray:
    """Return images of which about six each descend from one, with noise of different strength, in random views."""
    chance = np.random.default_rng(seed)
    founders = chance.normal(size=(max(count // 6, 1), edge, edge))
    noise = chance.uniform(0, spread, (count, 1, 1)) * chance.normal(size=(count, edge, edge))
    images = founders[chance.integers(0, len(founders), count)] + noise
    return np.stack([view(image, int(chance.integers(0, 4))) for image in images])


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 60),
    spread=st.floats(0.0, 0.6),
    threshold=st.floats(0.5, 0.999),
    edge=st.sampled_from([4, 16, 64]),
)
def test_the_pairs_are_those_of_all_with_all(seed: int, count: int, spread: float, threshold: float, edge: int) -> None:
    images = families(seed, count, spread, edge)

    assert set(near_pairs(images, threshold)) == all_with_all(images, threshold)


@pytest.mark.parametrize("directions", [1, 8])
def test_few_directions_miss_nothing(monkeypatch: pytest.MonkeyPatch, directions: int) -> None:
    monkeypatch.setattr("trainer.similarity.correlation._DIRECTIONS", directions)
    images = families(1, 120, 0.35)

    expected = all_with_all(images, 0.97)
    assert len(expected) > 50
    assert set(near_pairs(images, 0.97)) == expected


@pytest.mark.parametrize("dense", [0.0, 1.0], ids=["as one product", "pair by pair"])
def test_both_ways_to_compare_agree_across_blocks(monkeypatch: pytest.MonkeyPatch, dense: float) -> None:
    monkeypatch.setattr("trainer.similarity.correlation.BLOCK", 16)
    monkeypatch.setattr("trainer.similarity.correlation._DENSE", dense)
    images = families(2, 100, 0.35)

    assert set(near_pairs(images, 0.97)) == all_with_all(images, 0.97)


def test_whole_numbers_are_compared_like_floats() -> None:
    images = np.random.default_rng(0).integers(0, 256, (20, 64, 64), dtype=np.uint8)
    images[7] = images[3, ::-1]

    assert set(near_pairs(images, 0.97)) == {(3, 7)}


def test_most_images_are_not_compared_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    compare = CorrelationSearch._compare

    def counted(search: CorrelationSearch, ours: np.ndarray, rows: np.ndarray, *rest: object) -> object:
        compared.append(len(rows))
        return compare(search, ours, rows, *rest)

    monkeypatch.setattr(CorrelationSearch, "_compare", counted)
    chance = np.random.default_rng(3)
    coarse = chance.normal(size=(300, 8, 8)).repeat(8, axis=1).repeat(8, axis=2)
    search = CorrelationSearch(coarse + 0.1 * chance.normal(size=coarse.shape), 0.97)

    for number in range(len(VIEWS)):
        search.block(0, number)

    assert 300 <= sum(compared) < 400  # each with itself, of 4 x 90,000
