"""Group k-fold: each image is tested once, no group straddles."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer.pictures import images_of, pictures, sample
from tests.trainer.splitting.test_hold_out import straddling
from trainer.config import TrainConfig, make_config
from trainer.data.sample import EXCLUDED, SPLITS, Sample
from trainer.errors import DataError
from trainer.splitting.folds import fold_images
from trainer.splitting.ordered_series import DEFAULT_BLOCK

LENGTH = 24 * DEFAULT_BLOCK


def config(**values: object) -> TrainConfig:
    return make_config({"near_duplicates": 2.0, **values})


def times_tested(folds: Sequence[Sequence[Sample]]) -> list[int]:
    return [[one.split for one in row].count("test") for row in zip(*folds, strict=True)]


@pytest.mark.parametrize("folds", [2, 3, 5, 10])
def test_every_image_is_tested_once_and_used_in_every_fold(folds: int) -> None:
    before = [sample(n, "ab"[n % 2]) for n in range(200)]

    after = fold_images(images_of(before), folds, config())

    assert len(after) == folds
    assert times_tested(after) == [1] * 200
    for fold in after:
        assert [one.path for one in fold] == [one.path for one in before]
        assert {one.split for one in fold} == set(SPLITS)


@settings(max_examples=40)
@given(data=st.data(), folds=st.integers(2, 4), seed=st.integers(0, 1000))
def test_any_groups_copies_and_series_are_kept_together_or_the_data_is_refused(
    data: st.DataObject, folds: int, seed: int
) -> None:
    count = data.draw(st.integers(6, 60))
    groups = data.draw(st.lists(st.sampled_from("ABCDEFGHIJKL") | st.none(), min_size=count, max_size=count))
    digests = data.draw(st.lists(st.integers(0, 2 * count).map(str), min_size=count, max_size=count))
    before = [sample(n, "ab"[n % 2], group=group, source="xy"[n % 3 == 0]) for n, group in enumerate(groups)]
    length = data.draw(st.integers(20, 60))
    before += [sample(100 + n, "a", series="s", block=2) for n in range(length)]  # type: ignore[arg-type]
    digests += data.draw(st.lists(st.integers(0, 300).map(str), min_size=length, max_size=length))

    try:
        after = fold_images(images_of(before, digests=digests), folds, config(seed=seed))
    except DataError:
        return

    assert times_tested(after) == [1] * len(before)
    for fold in after:
        assert straddling(digests, fold) == []
        assert straddling([group or f"alone {n}" for n, group in enumerate(groups)], fold[:count]) == []
        assert straddling([str(one.group) for one in fold], fold) == []
        assert {(one.label, one.split) for one in fold} >= {(label, split) for label in "ab" for split in SPLITS}


def test_each_fold_has_the_mixture_of_the_whole() -> None:
    strata = [("one", "a"), ("one", "b"), ("two", "a"), ("two", "c")]
    before = [sample(n, strata[n // 4 % 4][1], source=strata[n // 4 % 4][0], group=f"p{n // 4}") for n in range(1200)]

    for fold in fold_images(images_of(before), 5, config()):
        counts = Counter((one.source, one.label, one.split) for one in fold)
        for stratum in strata:
            assert counts[(*stratum, "test")] == pytest.approx(60, abs=8)
            assert counts[(*stratum, "validation")] == pytest.approx(45, abs=16)


def test_the_seed_decides() -> None:
    before = [sample(n, "ab"[n % 2]) for n in range(60)]
    before += [sample(100 + n, "ab"[n // LENGTH], series=f"s{n // LENGTH}") for n in range(2 * LENGTH)]

    first, again, other = (fold_images(images_of(before), 3, config(seed=seed)) for seed in (1, 1, 2))

    assert first == again
    for part in (slice(60), slice(60, None)):
        assert [[one.split for one in fold[part]] for fold in first] != [
            [one.split for one in fold[part]] for fold in other
        ]


def test_splits_that_the_data_has_are_dropped() -> None:
    before = [sample(n, "ab"[n % 2], split="train") for n in range(60)]

    assert times_tested(fold_images(images_of(before), 3, config())) == [1] * 60


class TestSeries:
    """Ordered slices of unknown patients, beside pictures that show the same."""

    BEFORE = tuple(sample(n, "ab"[n // LENGTH], series=f"s{n // LENGTH}") for n in range(2 * LENGTH))

    def test_slices_of_two_splits_are_further_apart_than_a_patient_is_long(self) -> None:
        for fold in fold_images(images_of(self.BEFORE), 5, config()):
            for start in (0, LENGTH):
                held = [(row, one.split) for row, one in enumerate(fold[start : start + LENGTH])]
                used = [(row, split) for row, split in held if split != EXCLUDED]
                cuts = [b[0] - a[0] - 1 for a, b in pairwise(used) if a[1] != b[1]]
                assert cuts and min(cuts) >= DEFAULT_BLOCK

    def test_every_slice_is_tested_once_and_what_lies_between_is_counted(self) -> None:
        after = fold_images(images_of(self.BEFORE), 5, config())

        assert times_tested(after) == [1] * (2 * LENGTH)
        for fold in after:
            assert 0.1 < [one.split for one in fold].count(EXCLUDED) / len(fold) < 0.35

    def test_a_picture_like_a_slice_goes_where_that_slice_goes(self) -> None:
        copies = [sample(5000 + n, "ab"[n // LENGTH], source="other") for n in range(2 * LENGTH)]
        digests = [str(n) for n in range(2 * LENGTH)] * 2

        for fold in fold_images(images_of([*self.BEFORE, *copies], digests=digests), 5, config()):
            assert [one.split for one in fold[: 2 * LENGTH]] == [one.split for one in fold[2 * LENGTH :]]

    def test_a_picture_like_slices_of_two_folds_is_tested_once_and_never_trained_on_beside_them(self) -> None:
        far = LENGTH // 2
        digests = [str(n) for n in range(2 * LENGTH)] + ["0"]
        digests[far] = "0"
        before = [*self.BEFORE, sample(5000, "a", source="other")]

        after = fold_images(images_of(before, digests=digests), 5, config())

        assert times_tested(after) == [1] * len(before)
        for fold in after:
            used = {fold[row].split for row in (0, far, -1)} - {EXCLUDED}
            assert len(used) <= 1

    def test_near_duplicates_of_slices_are_found_in_their_pixels(self) -> None:
        length = 20
        before = [sample(n, series="s", block=2) for n in range(length)]  # type: ignore[arg-type]
        before += [sample(100 + n, "ab"[n % 2], source="other") for n in range(60)]
        pixels = np.concatenate([pictures(length + 40), pictures(length)[:, :, ::-1]])

        for fold in fold_images(images_of(before, pixels), 3, config(near_duplicates=0.97)):
            assert [one.split for one in fold[-length:]] == [one.split for one in fold[:length]]


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (
            [sample(n, "ab"[n % 2], group=f"p{n % 4}") for n in range(40)],
            "40 images in 4 groups are too few for 5 folds",
        ),
        (
            [sample(n) for n in range(50)] + [sample(50 + n, "b", group=f"p{n % 3}") for n in range(30)],
            r"class 'b' has no group left for (test|validation|train) in fold \d: .* Take fewer --folds",
        ),
        ([sample(n, series="s") for n in range(5 * DEFAULT_BLOCK)], "5 blocks of its largest patient, too few for 5"),
    ],
    ids=["groups", "groups of a class", "blocks"],
)
def test_too_little_data_is_refused_in_words(before: list[Sample], message: str) -> None:
    with pytest.raises(DataError, match=message):
        fold_images(images_of(before), 5, config())
