"""What shows the same picture or patient never straddles train, validation and test."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer.pictures import images_of, picture, pictures, sample, write
from trainer.config import TrainConfig, make_config
from trainer.data.manifest import read_manifest, write_manifest
from trainer.data.sample import EXCLUDED, SPLITS, Sample
from trainer.errors import DataError
from trainer.splitting.hold_out import split_images
from trainer.splitting.ordered_series import DEFAULT_BLOCK, PLACES

Split = dict[str | None, set[str | None]]


def config(**values: object) -> TrainConfig:
    return make_config({"near_duplicates": 2.0, **values})


def splits_by(keys: Sequence[str], samples: Sequence[Sample]) -> Split:
    """Return the splits, `excluded` left out, in which each key is found."""
    found: Split = defaultdict(set)
    for key, one in zip(keys, samples, strict=True):
        if one.split != EXCLUDED:
            found[key].add(one.split)
    return found


def straddling(keys: Sequence[str], samples: Sequence[Sample]) -> list[str | None]:
    return [key for key, found in splits_by(keys, samples).items() if len(found) > 1]


def test_every_image_gets_a_split_and_a_group_in_the_same_order() -> None:
    before = [sample(n, "ab"[n % 2]) for n in range(100)]

    after = split_images(images_of(before), config())

    assert [one.path for one in after] == [one.path for one in before]
    assert {one.split for one in after} == set(SPLITS)
    assert len({one.group for one in after}) == 100


def test_patients_never_straddle() -> None:
    patients = [f"p{n // 7}" for n in range(280)]
    before = [sample(n, "ab"[n // 7 % 2], group=patient) for n, patient in enumerate(patients)]

    after = split_images(images_of(before), config())

    assert straddling(patients, after) == []


def test_pixel_identical_images_never_straddle_even_between_patients_and_labels() -> None:
    digests = [str(n % 50) for n in range(100)]
    before = [sample(n, "ab"[n % 2 if n < 50 else (n + 1) % 2], group=f"p{n}") for n in range(100)]

    after = split_images(images_of(before, digests=digests), config())

    assert straddling(digests, after) == []


def test_near_duplicates_never_straddle_flips_included() -> None:
    pixels = pictures(40)
    pixels = np.concatenate([pixels, pixels[:, :, ::-1], pixels[:, ::-1] // 2])
    pictured = [str(n % 40) for n in range(120)]
    before = [sample(n, "ab"[n % 2]) for n in range(120)]

    together = split_images(images_of(before, pixels), config(near_duplicates=0.97))
    apart = split_images(images_of(before, pixels), config(near_duplicates=1.5))

    assert straddling(pictured, together) == []
    assert straddling(pictured, apart) != []


def test_pictures_that_differ_but_for_the_head_never_straddle() -> None:
    pictured = [str(n % 40) for n in range(80)]
    before = [sample(n, "ab"[n % 2]) for n in range(80)]
    images = images_of(before, pictures(80))
    heads = np.concatenate([images.thumbnails[:40, 1]] * 2)
    copies = replace(images, thumbnails=np.stack([images.thumbnails[:, 0], heads], axis=1))

    assert straddling(pictured, split_images(copies, config(near_duplicates=0.97))) == []
    assert straddling(pictured, split_images(images, config(near_duplicates=0.97))) != []


def test_patients_whose_slices_look_alike_stay_two_groups() -> None:
    pixels = np.concatenate([pictures(40), pictures(40)])
    before = [sample(n, "ab"[n % 2], group=f"p{n}") for n in range(80)]

    after = split_images(images_of(before, pixels), config(near_duplicates=0.97))

    assert len({one.group for one in after}) == 80


@settings(max_examples=40)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_any_groups_and_copies_are_kept_together_or_the_data_is_refused(data: st.DataObject, seed: int) -> None:
    count = data.draw(st.integers(6, 60))
    groups = data.draw(st.lists(st.sampled_from("ABCDEFGHIJKL") | st.none(), min_size=count, max_size=count))
    digests = data.draw(st.lists(st.integers(0, 2 * count).map(str), min_size=count, max_size=count))
    given = data.draw(st.lists(st.sampled_from(["train", "test", None, None, None]), min_size=count, max_size=count))
    before = [
        sample(n, "ab"[n % 2], group=group, split=split, source="xy"[n % 3 == 0])
        for n, (group, split) in enumerate(zip(groups, given, strict=True))
    ]

    try:
        after = split_images(images_of(before, digests=digests), config(seed=seed, min_images=3))
    except DataError:
        return

    assert straddling(digests, after) == []
    assert straddling([group or f"alone {n}" for n, group in enumerate(groups)], after) == []
    assert all(one.split in (wish, EXCLUDED) for one, wish in zip(after, given, strict=True) if wish == "test")
    assert {(one.label, one.split) for one in after} >= {(label, split) for label in "ab" for split in SPLITS}


@pytest.mark.parametrize("count", range(2, 13))
@pytest.mark.parametrize("fraction", [0.05, 0.15, 0.5])
def test_small_sets_are_split_or_refused_in_words(count: int, fraction: float) -> None:
    before = [sample(n, "ab"[n % 2]) for n in range(count)]

    try:
        after = split_images(images_of(before), config(test_fraction=fraction, validation_fraction=fraction))
    except DataError as error:
        assert "no group left" in str(error)
    else:
        assert {(one.label, one.split) for one in after} == {(label, split) for label in "ab" for split in SPLITS}


def test_a_class_with_too_few_groups_is_an_error() -> None:
    before = [sample(n, "a") for n in range(50)] + [sample(50 + n, "b", group=f"p{n % 2}") for n in range(50)]

    with pytest.raises(DataError, match=r"class 'b' has no group left for (train|validation|test)"):
        split_images(images_of(before), config())


@pytest.mark.parametrize(("test", "validation"), [(0.15, 0.15), (0.2, 0.1), (0.3, 0.3), (0.05, 0.5)])
def test_fractions_hold_for_every_source_and_label(test: float, validation: float) -> None:
    strata = [(source, label) for source in ("one", "two") for label in "abc"]
    before = [sample(n, strata[n % 6][1], source=strata[n % 6][0]) for n in range(1200)]

    after = split_images(images_of(before), config(test_fraction=test, validation_fraction=validation))

    counts = Counter((one.source, one.label, one.split) for one in after)
    for stratum in strata:
        assert counts[(*stratum, "test")] / 200 == pytest.approx(test, abs=0.04)
        assert counts[(*stratum, "validation")] / 200 == pytest.approx(validation, abs=0.06)


def test_the_seed_decides() -> None:
    before = [sample(n, "ab"[n % 2]) for n in range(60)]
    before += [sample(n, "ab"[n % 2], series=f"s{n % 2}") for n in range(60, 60 + 20 * DEFAULT_BLOCK)]

    first, again, other = (split_images(images_of(before), config(seed=seed)) for seed in (1, 1, 2))

    assert first == again
    assert [one.split for one in first] != [one.split for one in other]
    assert [one.split for one in first[60:]] != [one.split for one in other[60:]]


class TestSeries:
    """Ordered slices of unknown patients."""

    @pytest.mark.parametrize("length", [7 * DEFAULT_BLOCK, 8 * DEFAULT_BLOCK + 1, 1000])
    @pytest.mark.parametrize("seed", range(4))
    def test_no_patient_of_up_to_a_block_reaches_across(self, length: int, seed: int) -> None:
        before = [sample(n, series="s") for n in range(length)] + [sample(length + n, "b") for n in range(60)]

        after = split_images(images_of(before), config(seed=seed))[:length]

        used = [(row, one.split) for row, one in enumerate(after) if one.split != EXCLUDED]
        cuts = [b[0] - a[0] - 1 for a, b in pairwise(used) if a[1] != b[1]]
        assert cuts == [DEFAULT_BLOCK] * 3
        assert {split for _, split in used} == set(SPLITS)

    @pytest.mark.parametrize("split", ["test", "validation"])
    def test_held_out_stretches_are_spread_over_a_sorted_series(self, split: str) -> None:
        length = 36 * 21
        before = [sample(n, series="s", block=21) for n in range(length)] + [sample(length + n, "b") for n in range(60)]

        after = split_images(images_of(before), config())[:length]

        for third in range(3):
            assert split in {one.split for one in after[third * length // 3 : (third + 1) * length // 3]}

    def test_a_picture_like_an_excluded_and_a_kept_slice_is_excluded(self) -> None:
        before = [sample(n, "ab"[n % 2]) for n in range(60)]
        before += [sample(60, split="train", group="g"), sample(61, split=EXCLUDED, group="g"), sample(62, group="g")]

        after = split_images(images_of(before), config())[60:]

        assert [one.split for one in after] == ["train", EXCLUDED, EXCLUDED]

    def test_stretches_have_about_the_fractions_asked_for(self) -> None:
        before = [sample(n, "ab"[n // 3800], series=f"s{n // 3800}") for n in range(7600)]

        counts = Counter(one.split for one in split_images(images_of(before), config()))

        usable = 7600 - counts[EXCLUDED]
        assert counts[EXCLUDED] == 2 * 3 * PLACES * DEFAULT_BLOCK
        assert counts["test"] / usable == pytest.approx(0.15, abs=0.02)
        assert counts["validation"] / usable == pytest.approx(0.15, abs=0.02)

    def test_a_series_too_short_to_be_cut_is_an_error(self) -> None:
        before = [sample(n, series="s") for n in range(6 * DEFAULT_BLOCK)] + [sample(n, "b") for n in range(60)]

        with pytest.raises(DataError, match="6 blocks of its largest patient; at least 7 are needed"):
            split_images(images_of(before), config())

    @pytest.mark.parametrize(
        "change", [lambda p: p, lambda p: p[:, ::-1], lambda p: p // 2], ids=["same", "flip", "dark"]
    )
    def test_a_picture_like_a_slice_goes_where_that_slice_goes(self, change: object) -> None:
        length = 8 * DEFAULT_BLOCK
        before = [sample(n, series="s") for n in range(length)] + [sample(length + n, "b") for n in range(60)]
        before += [sample(5000 + n, source="other") for n in range(length)]
        slices = pictures(length + 60, 32)
        copies = np.stack([change(pixels) for pixels in slices[:length, ..., 0]])[..., None]  # type: ignore[operator]

        after = split_images(
            images_of(before, np.concatenate([slices, copies])), config(near_duplicates=0.97, test_fraction=0.2)
        )

        assert EXCLUDED in {one.split for one in after[:length]}
        assert [one.split for one in after[-length:]] == [one.split for one in after[:length]]

    def test_the_split_of_a_run_can_be_used_again(self, tmp_path: Path) -> None:
        write(tmp_path / "x.png", picture(0))
        before = [replace(sample(n, series="s"), path=tmp_path / "x.png") for n in range(9 * DEFAULT_BLOCK)]
        before += [replace(sample(n, "b"), path=tmp_path / "x.png") for n in range(60)]
        first = [one for one in split_images(images_of(before), config()) if one.split != EXCLUDED]
        write_manifest(tmp_path / "split.csv", first)

        second = split_images(images_of(read_manifest(tmp_path / "split.csv")), config(seed=5))

        assert [one.split for one in second] == [one.split for one in first]


class TestGivenSplits:
    """Splits that a manifest or the folders give."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (("train", "test"), (EXCLUDED, "test")),
            (("train", "validation"), (EXCLUDED, "validation")),
            (("validation", "test"), (EXCLUDED, "test")),
            (("train", "validation", "test", "train"), (EXCLUDED, EXCLUDED, "test", EXCLUDED)),
            (("train", None), ("train", "train")),
            (("test", None, "train"), ("test", "test", EXCLUDED)),
        ],
    )
    def test_the_split_held_out_most_strictly_wins_a_group(
        self, given: tuple[str | None, ...], expected: tuple[str, ...]
    ) -> None:
        before = [sample(n, "ab"[n % 2]) for n in range(60)]
        before += [sample(60 + n, group="shared", split=split) for n, split in enumerate(given)]

        after = split_images(images_of(before), config())

        assert tuple(one.split for one in after[60:]) == expected

    def test_given_splits_are_kept(self) -> None:
        given = [SPLITS[n % 3] for n in range(60)]
        before = [sample(n, "ab"[n // 30], split=split) for n, split in enumerate(given)]

        assert [one.split for one in split_images(images_of(before), config())] == given

    def test_what_is_given_to_train_stays_there_while_other_images_are_free(self) -> None:
        before = [sample(n, "ab"[n % 2], split="train" if n < 30 else None) for n in range(100)]

        after = split_images(images_of(before), config())

        assert {one.split for one in after[:30]} == {"train"}
        assert {one.split for one in after[30:]} == set(SPLITS)

    def test_folders_of_train_and_test_alone_leave_validation_to_be_drawn_from_train(self) -> None:
        before = [sample(n, "ab"[n % 2], split="test" if n < 20 else "train") for n in range(100)]

        after = split_images(images_of(before), config(keep_splits=True))

        assert [one.split for one in after[:20]] == ["test"] * 20
        assert {one.split for one in after[20:]} == {"train", "validation"}
