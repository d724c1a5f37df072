"""The backbone as it is served gives the features of the network that was trained."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.networks import STILL, tiny_config, trained_looking
from tests.trainer.pictures import pictures
from trainer.config import TrainConfig
from trainer.export.feature_graph import FeatureGraph
from trainer.network.backbones import backbone_of
from trainer.network.smoothing import smoothed

Values = dict[str, object]

CASES = [
    *[("tiny", channels, size) for channels in (1, 3) for size in (32, 33, 34, 35, 37)],
    ("mobilenet_v2", 1, 37),
    ("mobilenet_v2", 3, 32),
    ("mobilenet_v2", 3, 65),
]


def images_for(config: TrainConfig, count: int = 6) -> np.ndarray:
    """Return pictures with black and white borders, where padding shows."""
    images = pictures(count * config.channels, config.size).reshape(count, config.size, config.size, config.channels)
    images[::2, :2] = 255
    images[1::2, :, -1:] = 0
    return np.ascontiguousarray(images)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(map(str, case)))
def config(request: pytest.FixtureRequest, tiny_backbone: str) -> TrainConfig:
    backbone, channels, size = request.param
    return tiny_config(backbone=backbone, channels=channels, size=size)


@pytest.fixture(scope="module")
def network(config: TrainConfig) -> keras.Model:
    return trained_looking(config, 3)


def test_features_are_those_under_the_head(config: TrainConfig, network: keras.Model) -> None:
    images = images_for(config)
    under_the_head = keras.Model(network.input, network.get_layer("gap").input)
    expected = np.asarray(under_the_head(images.astype(np.float32), training=False))

    features, _ = FeatureGraph(network, config)(tf.constant(images))

    assert expected.std(axis=0).max() > 0.01, "images that all look alike prove nothing"
    assert features.numpy() == pytest.approx(expected, abs=2e-3 if config.backbone == "mobilenet_v2" else 1e-4)


@pytest.mark.parametrize("values", [{}, {"smoothing": False}, STILL])
def test_what_is_classified_is_softened_where_augmentation_resamples(tiny_backbone: str, values: Values) -> None:
    config = tiny_config(**values)
    network = trained_looking(config, 3)
    images = images_for(config)
    sharp = keras.Model(network.get_layer("scaling").input, network.get_layer("gap").input)
    three = np.repeat(images, 3, axis=-1).astype(np.float32)
    expected = sharp(three if values else smoothed(three), training=False)

    features, _ = FeatureGraph(network, config)(tf.constant(images))

    assert features.numpy() == pytest.approx(np.asarray(expected), abs=1e-4)


def test_texture_is_the_channel_means_of_the_layers_named(config: TrainConfig, network: keras.Model) -> None:
    images = images_for(config)
    recipe = backbone_of(config.backbone)
    backbone = network.get_layer("backbone")
    layers = keras.Model(backbone.input, [backbone.get_layer(name).output for name in recipe.texture_layers])
    rgb = np.repeat(np.asarray(smoothed(images.astype(np.float32))), 3 // config.channels, axis=-1)
    rgb = rgb * recipe.scaling.scale + recipe.scaling.offset
    means = [np.asarray(maps).mean(axis=(1, 2)) for maps in layers(rgb, training=False)]

    texture = FeatureGraph(network, config).textures(images, np.arange(len(images)))

    assert texture.dtype == np.float64
    assert texture == pytest.approx(np.concatenate(means, axis=1), rel=1e-3, abs=1e-3)


def test_textures_of_chosen_rows_come_in_their_order(tiny_backbone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny_config()
    graph = FeatureGraph(trained_looking(config, 3), config)
    images = images_for(config, 7)
    whole = graph.textures(images, np.arange(7))
    monkeypatch.setattr("trainer.export.feature_graph.BATCH", 2)

    assert graph.textures(images, np.array([5, 0, 3, 6, 1])) == pytest.approx(whole[[5, 0, 3, 6, 1]], rel=1e-5)
