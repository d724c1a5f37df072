"""Features of the frozen backbone: what is cached, when it is used, and what is fitted on it."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.trainer.fitting.test_phases import (
    CLASSES,
    Interrupted,
    changed_layers,
    equal,
    make_data,
    run,
    stopping_after,
)
from tests.trainer.networks import STILL, tiny_config, trained_looking
from tests.trainer.pictures import pictures
from trainer.config import TrainConfig
from trainer.fitting.feature_cache import FeatureCache
from trainer.fitting.frozen_features import frozen_features, head_of

ROWS = np.array([4, 0, 2])
CACHED = {"cache_features": True, "frozen_epochs": 3}


@pytest.fixture(scope="module", params=[1, 3])
def config(request: pytest.FixtureRequest, tiny_backbone: str) -> TrainConfig:
    return tiny_config(channels=request.param, feature_copies=2)


@pytest.fixture(scope="module")
def network(config: TrainConfig) -> keras.Model:
    return trained_looking(config, CLASSES)


@pytest.fixture
def images(config: TrainConfig) -> np.ndarray:
    return np.repeat(pictures(6, config.size), config.channels, axis=-1)


def pooled(network: keras.Model, images: np.ndarray) -> np.ndarray:
    model = keras.Model(network.input, network.get_layer("gap").output)
    return np.asarray(model(images.astype(np.float32), training=False))


def test_they_are_the_pooled_features(
    network: keras.Model, config: TrainConfig, images: np.ndarray, tmp_path: Path
) -> None:
    features = FeatureCache(network, config, tmp_path).features(images, ROWS)

    assert features.dtype == np.float32
    assert features == pytest.approx(pooled(network, images)[ROWS], abs=1e-5)
    assert head_of(network)(features, training=False).numpy() == pytest.approx(
        network(images[ROWS].astype(np.float32), training=False).numpy(), abs=1e-5
    )


def test_copies_are_changed_and_differ_and_do_not_use_up_the_randomness_of_the_network(
    network: keras.Model, config: TrainConfig, images: np.ndarray, tmp_path: Path
) -> None:
    before = [np.asarray(variable) for variable in network.variables]
    cache = FeatureCache(network, config, tmp_path / "one")

    original, first, second = (cache.features(images, ROWS, copy) for copy in range(3))
    again = FeatureCache(network, config, tmp_path / "other").features(images, ROWS, 1)

    assert not np.allclose(original, first, atol=1e-3) and not np.allclose(first, second, atol=1e-3)
    assert np.array_equal(first, again)
    assert all(np.array_equal(a, np.asarray(b)) for a, b in zip(before, network.variables, strict=True))


def test_changed_copies_are_not_softened_once_more(tiny_backbone: str, tmp_path: Path) -> None:
    hardly_moved = tiny_config(**{**STILL, "translation": 1e-6})
    network = trained_looking(hardly_moved, CLASSES)
    images = pictures(6, hardly_moved.size)
    sharp = keras.Model(network.get_layer("smoothing").output, network.get_layer("gap").output)
    cache = FeatureCache(network, hardly_moved, tmp_path)

    original, copy = cache.features(images, ROWS), cache.features(images, ROWS, 1)

    assert original == pytest.approx(pooled(network, images)[ROWS], abs=1e-5)
    assert copy == pytest.approx(np.asarray(sharp(images[ROWS].astype(np.float32))), abs=1e-3)
    assert np.abs(original - copy).max() > 1e-2


def test_what_is_cached_is_not_computed_again(
    network: keras.Model, config: TrainConfig, images: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = np.array(FeatureCache(network, config, tmp_path).features(images, ROWS, 1))
    monkeypatch.setattr(FeatureCache, "_write", None)

    assert np.array_equal(FeatureCache(network, config, tmp_path).features(images, ROWS, 1), features)


@pytest.mark.parametrize("other", ["pixels", "rows", "weights", "rotation", "smoothing", "seed"])
def test_what_depends_on_something_else_is(
    network: keras.Model, config: TrainConfig, images: np.ndarray, tmp_path: Path, other: str
) -> None:
    FeatureCache(network, config, tmp_path).features(images, ROWS, 1)
    rows = ROWS[::-1] if other == "rows" else ROWS
    pixels = images + (other == "pixels")
    changed = replace(config, rotation=0.2) if other == "rotation" else config
    changed = replace(changed, smoothing=other != "smoothing", seed=9 if other == "seed" else config.seed)
    body = trained_looking(config, CLASSES, seed=1) if other == "weights" else network

    FeatureCache(body, changed, tmp_path).features(pixels, rows, 1)

    assert len(list(tmp_path.iterdir())) == 2


def test_an_interrupted_file_is_not_taken_for_a_whole_one(
    network: keras.Model, config: TrainConfig, images: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.fitting.feature_cache.BATCH", 2)
    cache = FeatureCache(network, config, tmp_path)
    extract, calls = cache._extract, iter([None])

    def fail_at_the_second(batch: object) -> object:
        next(calls)
        return extract(batch)  # type: ignore[arg-type]

    cache._extract = fail_at_the_second  # type: ignore[assignment]
    with pytest.raises(StopIteration):
        cache.features(images, ROWS)
    cache._extract = extract

    assert list(tmp_path.iterdir()) == []
    assert cache.features(images, ROWS) == pytest.approx(pooled(network, images)[ROWS], abs=1e-5)


def test_every_row_keeps_its_label_its_group_and_its_copies(tiny_backbone: str, tmp_path: Path) -> None:
    config = tiny_config(feature_copies=2)
    data = make_data()
    network = trained_looking(config, CLASSES)
    expected = pooled(network, np.asarray(data.pixels))

    features = frozen_features(network, data, config, tmp_path)

    assert features.pixels[features.train] == pytest.approx(expected[data.train], abs=1e-5)
    assert features.pixels[features.validation] == pytest.approx(expected[data.validation], abs=1e-5)
    assert np.array_equal(features.labels[features.validation], data.labels[data.validation])
    shown = features.any_version(np.tile(features.train, 20), np.random.default_rng(0))
    assert set(shown) == set(range(3 * len(data.train)))
    assert np.array_equal(features.labels[shown], data.labels[np.tile(data.train, 20)])
    assert np.array_equal(features.groups[shown], data.groups[np.tile(data.train, 20)])


def test_the_head_alone_is_fitted_in_the_frozen_phase(tiny_backbone: str, tmp_path: Path) -> None:
    config = tiny_config(**CACHED, fine_tune_epochs=0, feature_copies=1)

    ended = run(tmp_path, config, make_data())

    assert [(row["phase"], row["epoch"]) for row in ended.progress.history] == [(0, 1), (0, 2), (0, 3)]
    assert changed_layers(ended, config) == {"dense_0", "logits"}
    with np.load(tmp_path / "best.npz") as best:
        assert equal(list(best.values()), ended.weights)


def test_without_changes_and_dropout_it_ends_where_the_long_way_ends(tiny_backbone: str, tmp_path: Path) -> None:
    options = {**STILL, "dropout": 0.0, "frozen_epochs": 3, "fine_tune_epochs": 0}
    long = run(tmp_path / "long", tiny_config(**options), make_data())
    short = run(tmp_path / "short", tiny_config(**options, cache_features=True), make_data())

    for one, other in zip(long.weights, short.weights, strict=True):
        assert one == pytest.approx(other, abs=1e-4)
    assert [row["val_accuracy"] for row in long.progress.history] == pytest.approx(
        [row["val_accuracy"] for row in short.progress.history]
    )


def test_fine_tuning_follows_and_an_interrupted_run_ends_as_if_it_had_not_been(
    tiny_backbone: str, tmp_path: Path
) -> None:
    config = tiny_config(**CACHED, feature_copies=1)
    whole = run(tmp_path / "whole", config, make_data())

    with stopping_after(1), pytest.raises(Interrupted):
        run(tmp_path / "parts", config, make_data())
    resumed = run(tmp_path / "parts", config, make_data())

    assert [row["phase"] for row in whole.progress.history] == [0, 0, 0, 1, 1]
    assert equal(resumed.weights, whole.weights)
    assert {"Conv2", "dense_0", "logits"} <= changed_layers(whole, config)
