"""Pairs of equal and of near pictures, against their definition."""

from itertools import combinations

import imagehash
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.trainer.pictures import picture
from trainer.audit.hashes import ViewHashes, view_hashes
from trainer.audit.levels import Level
from trainer.audit.pairs import PairBlock, Pictures, exact_pairs, near_pictures
from trainer.similarity.correlation import VIEWS, standardised, view

Found = dict[tuple[int, int], int]


def listed(block: PairBlock) -> list[tuple[int, int, int]]:
    return list(zip(block.first.tolist(), block.second.tolist(), block.level.tolist(), strict=True))


def hashes_of(thumbnails: np.ndarray) -> ViewHashes:
    every = [view_hashes(Image.fromarray(pixels)) for pixels in thumbnails]
    return ViewHashes(np.stack([h.dhash for h in every]), np.stack([h.phash for h in every]))


def by_definition(thumbnails: np.ndarray) -> Found:
    """Compare every pair in every view with the library's own distance."""
    found: Found = {}
    for a, b in combinations(range(len(thumbnails)), 2):
        for number in range(len(VIEWS)):
            one, other = (
                Image.fromarray(np.ascontiguousarray(p)) for p in (thumbnails[a], view(thumbnails[b], number))
            )
            correlation = float((standardised(np.asarray(one)[None]) * standardised(np.asarray(other)[None])).sum())
            hashes_agree = all(h(one) - h(other) <= 4 for h in (imagehash.dhash, imagehash.phash))
            if correlation >= 0.97 or hashes_agree:
                found.setdefault((a, b), Level.NEAR if number == 0 else Level.MIRRORED)
    return found


def related(seed: int) -> np.ndarray:
    """Return pictures with noisy and smoothed relatives in all views, some near and some not."""
    chance = np.random.default_rng(seed)
    images = []
    for n in range(5):
        base = picture(100 * seed + n, size=64).astype(int)
        for strength in (0, 4, 15, 40):
            noisy = np.clip(base + chance.integers(-strength, strength + 1, base.shape), 0, 255).astype(np.uint8)
            images.append(view(noisy, int(chance.integers(0, 4))))
    return np.stack(images)


@pytest.mark.parametrize("seed", range(3))
def test_near_pairs_are_those_of_the_definition(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr("trainer.similarity.correlation.BLOCK", 10)
    monkeypatch.setattr("trainer.audit.pairs.BLOCK", 10)
    thumbnails = related(seed)

    pairs = [pair for block in near_pictures(thumbnails, hashes_of(thumbnails)) for pair in listed(block)]

    expected = by_definition(thumbnails)
    assert len(pairs) == len(expected) > 10
    assert {(a, b): level for a, b, level in pairs} == expected
    assert [a for a, _, _ in pairs] == sorted(a for a, _, _ in pairs)


def test_hashes_within_four_bits_are_near_and_beyond_are_not() -> None:
    thumbnails = np.random.default_rng(0).integers(0, 256, (4, 64, 64), dtype=np.uint8)
    dhash = np.full((4, 4), 0xFFFF_FFFF, np.uint64)
    phash = np.full((4, 4), 0, np.uint64)
    dhash[1], phash[1] = 0xFFFF_FFF0, 0b1111
    dhash[2] = 0xFFFF_FFE0
    phash[3] = 0b11111
    far = np.arange(1, 4, dtype=np.uint64) << np.uint64(40)
    phash[:, 1:] |= far * np.uint64(0xFFFF)

    pairs = {(a, b) for block in near_pictures(thumbnails, ViewHashes(dhash, phash)) for a, b, _ in listed(block)}

    assert pairs == {(0, 1), (1, 2), (1, 3)}


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("12")), max_size=9))
def test_exact_pairs_are_all_pairs_of_equal_pixels(files: list[tuple[str, str]]) -> None:
    pixels, digests = [p for p, _ in files], [p + header for p, header in files]
    if not files:
        return

    pairs = [pair for block in exact_pairs(digests, Pictures(pixels)) for pair in listed(block)]

    assert sorted(pairs) == [
        (a, b, Level.BYTES if digests[a] == digests[b] else Level.PIXELS)
        for a, b in combinations(range(len(files)), 2)
        if pixels[a] == pixels[b]
    ]


@given(st.lists(st.sampled_from("abcd"), min_size=2, max_size=10))
def test_a_pair_of_pictures_stands_for_all_pairs_of_their_files(digests: list[str]) -> None:
    pictures = Pictures(digests)
    every = list(combinations(range(len(pictures.rows)), 2))
    first, second = np.array(every, np.intp).reshape(-1, 2).T

    expanded = pictures.expand(PairBlock(first, second, np.full(len(every), Level.NEAR, np.int8)))

    assert [digests[row] for row in pictures.rows] == list(dict.fromkeys(digests))
    assert sorted((a, b) for a, b, _ in listed(expanded)) == [
        (a, b) for a, b in combinations(range(len(digests)), 2) if digests[a] != digests[b]
    ]
