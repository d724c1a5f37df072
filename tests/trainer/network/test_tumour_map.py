"""The tumour map that a network learns beside the class."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.trainer.fitting.test_phases import Interrupted, equal, run, stopping_after
from tests.trainer.networks import STILL, tiny_config, trained_looking
from tests.trainer.pictures import pictures
from trainer.data.mask_cache import FREE, TUMOUR, UNKNOWN
from trainer.fitting.batches import Batches
from trainer.fitting.fit_data import FitData
from trainer.network.augmentation import augment_both
from trainer.network.building import behind_augmentation, build_network
from trainer.network.tumour_map import NAME, MapLoss

pytestmark = pytest.mark.usefixtures("tiny_backbone")


def spotted(count: int, size: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Return dim pictures `[count, size, size, 1]`, each with a bright square, and the masks of the squares."""
    pixels, masks = pictures(count, size) // 3, np.full((count, size, size, 1), FREE, np.uint8)
    corners = np.random.default_rng(0).integers(0, size - 8, (count, 2))
    for number, (row, column) in enumerate(corners):
        pixels[number, row : row + 8, column : column + 8] = 250
        masks[number, row : row + 8, column : column + 8] = TUMOUR
    return pixels, masks


def loss_of(tumour_map: np.ndarray, masks: np.ndarray, weight: float = 1.0) -> float:
    layer = MapLoss(weight)
    layer((np.zeros((len(masks), 3), np.float32), tumour_map.astype(np.float32), masks.astype(np.float32)))
    return float(layer.losses[0])


class TestLoss:
    """Cross-entropy against the share of tumour in each cell."""

    def test_it_is_the_cross_entropy_of_the_known_cells(self) -> None:
        masks = np.zeros((2, 8, 8, 1))
        masks[0, :4] = 1
        masks[1] = -1
        logits = np.full((2, 2, 1, 1), 2.0)

        right, wrong = np.log1p(np.exp(-2.0)), np.log1p(np.exp(2.0))

        assert loss_of(logits, masks) == pytest.approx((right + wrong) / 2, rel=0.05)
        assert loss_of(logits, masks, 3.0) == pytest.approx(3 * loss_of(logits, masks))

    def test_unknown_images_alone_cost_nothing(self) -> None:
        assert loss_of(np.full((1, 2, 2, 1), 5.0), np.full((1, 8, 8, 1), -1.0)) == 0

    def test_the_logits_pass_through(self) -> None:
        logits = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)

        given = MapLoss(1.0)((logits, np.zeros((2, 2, 2, 1), np.float32), np.zeros((2, 8, 8, 1), np.float32)))

        assert np.array_equal(given, logits)


def test_masks_move_with_their_images() -> None:
    config = tiny_config(flip="horizontal_and_vertical", rotation=0.2, zoom=0.3, translation=0.2, brightness=0.0)
    images, masks = keras.Input((32, 32, 1)), keras.Input((32, 32, 1))
    change = keras.Model([images, masks], augment_both(images, masks, config))
    bright = spotted(16)[1].astype(np.float32)

    changed, moved = change([bright * 250, bright], training=True)

    assert np.asarray(changed) == pytest.approx(np.asarray(moved) * 250, abs=0.1)
    assert np.abs(np.asarray(moved) - bright).max(axis=(1, 2, 3)).min() > 0.5, "none may stay where it was"


def test_unknown_masks_stay_unknown_when_they_move() -> None:
    images, masks = keras.Input((32, 32, 1)), keras.Input((32, 32, 1))
    change = keras.Model([images, masks], augment_both(images, masks, tiny_config()))

    _, moved = change([np.zeros((4, 32, 32, 1)), np.full((4, 32, 32, 1), -1.0)], training=True)

    assert np.asarray(moved) == pytest.approx(-1.0)


def test_batches_bring_masks_beside_images() -> None:
    masks = np.array([FREE, TUMOUR, UNKNOWN], np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
    batches = Batches(np.zeros((3, 2, 2, 1), np.uint8), np.array([2, 1, 0]), np.arange(3), 3, masks=masks)

    inputs, _ = batches[0]

    assert set(inputs) == {"image", "mask"}
    assert inputs["mask"][:, 0, 0, 0].tolist() == [-1.0, 1.0, 0.0]


def test_what_predicts_takes_images_alone_and_computes_the_same() -> None:
    images = pictures(4, 32).astype(np.float32)
    network = trained_looking(tiny_config(mask_loss=1.0), 3)

    said = network({"image": images, "mask": np.zeros_like(images)}, training=False)

    assert np.asarray(said).std(axis=0).max() > 1e-3
    assert np.array_equal(behind_augmentation(network)(images, training=False), said)


@pytest.fixture(scope="module")
def data() -> FitData:
    pixels, masks = spotted(60)
    rows = np.arange(60)
    return FitData(pixels, rows % 3, rows, rows[:45], rows[45:], 3, masks)


def test_the_map_finds_the_tumour(data: FitData, tmp_path: Path) -> None:
    rates = {"learning_rate": 0.02, "fine_tune_learning_rate": 0.02, "fine_tune_from": "all", "dropout": 0.0}
    config = tiny_config(mask_loss=10.0, frozen_epochs=1, fine_tune_epochs=12, **rates, **STILL)

    network = run(tmp_path, config, data).network

    feed = Batches(data.pixels, data.validation, data.labels, 64, masks=data.masks)[0][0]
    found = np.asarray(keras.Model(network.input, network.get_layer(NAME).output)(feed, training=False))[..., 0]
    shown = keras.ops.image.resize(feed["mask"], found.shape[1:], antialias=True)
    shares = np.asarray(shown)[..., 0]
    hottest = found.reshape(len(found), -1).argmax(axis=1)
    hits = shares.reshape(len(found), -1)[np.arange(len(found)), hottest] > 0.2
    assert hits.mean() >= 0.8
    assert (shares > 0.2).mean() < 0.2, "most cells must be misses"


def test_an_interrupted_run_with_masks_ends_as_if_it_had_not_been(data: FitData, tmp_path: Path) -> None:
    config = tiny_config(mask_loss=1.0, average=0.5, frozen_epochs=1)
    finished = run(tmp_path / "finished", config, data)

    with stopping_after(2), pytest.raises(Interrupted):
        run(tmp_path / "resumed", config, data)
    resumed = run(tmp_path / "resumed", config, data)

    assert equal(resumed.weights, finished.weights)
    assert resumed.progress.history == finished.progress.history


def test_without_masks_the_network_is_as_it_was() -> None:
    names = {layer.name for layer in build_network(tiny_config(), 3).layers}

    assert not names & {NAME, "map_loss", "mask"}
