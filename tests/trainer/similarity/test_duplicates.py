"""Images that show the same picture."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.trainer.pictures import picture, pictures
from trainer.similarity.duplicates import identical_pairs, near_pairs, thumbnails

THRESHOLD = 0.97
SIZE = 96


def near(images: np.ndarray, threshold: float = THRESHOLD) -> set[tuple[int, int]]:
    return set(near_pairs(thumbnails(images), threshold))


def recompressed(pixels: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=50)
    return np.asarray(Image.open(file))


def resized(pixels: np.ndarray) -> np.ndarray:
    small = Image.fromarray(pixels).resize((61, 83), Image.Resampling.BILINEAR)
    return np.asarray(small.resize((SIZE, SIZE), Image.Resampling.BICUBIC))


CHANGES = {
    "copied": lambda p: p,
    "recompressed": recompressed,
    "resized": resized,
    "flipped left to right": lambda p: p[:, ::-1],
    "flipped top to bottom": lambda p: p[::-1],
    "turned by 180 degrees": lambda p: p[::-1, ::-1],
    "brighter, with more contrast": lambda p: np.clip(p * 1.1 + 10, 0, 255).astype(np.uint8),
    "flipped and recompressed": lambda p: recompressed(np.ascontiguousarray(p[:, ::-1])),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("place", [0, 7])
def test_a_planted_copy_is_found_and_nothing_else(change: object, place: int) -> None:
    images = pictures(10, SIZE)
    copy = change(picture(place, size=SIZE))[..., None]  # type: ignore[operator]

    assert near(np.concatenate([images, copy[None]])) == {(place, 10)}


@pytest.mark.parametrize(
    "view", [lambda p: p, lambda p: np.rot90(p), lambda p: 255 - p], ids=["as is", "90", "negative"]
)
def test_other_pictures_do_not_match(view: object) -> None:
    images = np.concatenate([pictures(30, SIZE), view(picture(0, size=SIZE))[None, ..., None]])  # type: ignore[operator]

    expected = {(0, 30)} if np.array_equal(images[0], images[30]) else set()
    assert near(images) == expected


@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_flat_images_match_nothing_not_even_each_other(value: int) -> None:
    flat = np.full((4, SIZE, SIZE, 1), value, np.uint8)

    assert near(np.concatenate([flat, pictures(2, SIZE)])) == set()


def test_colour_images_are_compared_as_grey_ones() -> None:
    colour = np.repeat(pictures(3, SIZE), 3, axis=-1)

    assert np.array_equal(thumbnails(colour), thumbnails(pictures(3, SIZE)))
    assert thumbnails(colour).shape == (3, 64, 64)


def test_pairs_across_blocks_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.similarity.correlation.BLOCK", 4)
    images = pictures(11, SIZE)
    images = np.concatenate([images, images[[0, 5]], images[[10], ::-1]])

    assert near(images) == {(0, 11), (5, 12), (10, 13)}


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(2, 8),
    flips=st.tuples(st.booleans(), st.booleans()),
    noise=st.integers(0, 6),
)
def test_a_flipped_noisy_copy_is_always_found(seed: int, rows: int, flips: tuple[bool, bool], noise: int) -> None:
    generator = np.random.default_rng(seed)
    images = np.stack([picture(seed + row, size=64) for row in range(rows)])
    copy = images[0][:: -1 if flips[0] else 1, :: -1 if flips[1] else 1].astype(int)
    copy = np.clip(copy + generator.integers(-noise, noise + 1, copy.shape), 0, 255).astype(np.uint8)

    assert (0, rows) in near(np.concatenate([images, copy[None]])[..., None])


@given(st.lists(st.sampled_from("abcdef"), max_size=12))
def test_every_repeated_digest_is_joined_to_its_first(digests: list[str]) -> None:
    pairs = list(identical_pairs(digests))

    assert all(digests[first] == digests[other] and first == digests.index(digests[other]) for first, other in pairs)
    assert len(pairs) == len(digests) - len(set(digests))
