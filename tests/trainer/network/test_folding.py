"""Batch norm folded into the convolution before it."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from trainer.network.folding import fold_batch_norms

layers = keras.layers
Tensor = keras.KerasTensor


def norm(**options: object) -> keras.layers.Layer:
    return layers.BatchNormalization(name="norm", **options)


def network(body: Callable[[Tensor], Tensor]) -> keras.Model:
    """Return a model around `body` whose weights and statistics are those of a trained network: none is trivial."""
    pixels = keras.Input((16, 16, 3))
    model = keras.Model(pixels, body(pixels), name="backbone")
    generator = np.random.default_rng(0)
    for variable in model.weights:
        low, high = (0.5, 2.0) if variable.path.endswith(("gamma", "moving_variance")) else (-1.0, 1.0)
        variable.assign(generator.uniform(low, high, variable.shape))
    return model


def norms_of(model: keras.Model) -> list[str]:
    return [layer.name for layer in model.layers if isinstance(layer, layers.BatchNormalization)]


FOLDED = {
    "convolution": lambda x: norm()(layers.Conv2D(5, 3, strides=2, use_bias=False)(x)),
    "with a bias": lambda x: norm()(layers.Conv2D(5, 3)(x)),
    "in groups": lambda x: norm()(layers.Conv2D(6, 3, groups=3)(x)),
    "depthwise": lambda x: norm()(layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False)(x)),
    "separable": lambda x: norm()(layers.SeparableConv2D(5, 3, use_bias=False)(x)),
    "without scale or shift": lambda x: norm(scale=False, center=False)(layers.Conv2D(5, 3)(x)),
    "of its own epsilon": lambda x: norm(epsilon=0.1)(layers.Conv2D(5, 3)(x)),
}
KEPT = {
    "behind an activation": lambda x: norm()(layers.Conv2D(5, 3, activation="relu")(x)),
    "behind the input": lambda x: layers.Conv2D(5, 3)(norm()(x)),
    "behind padding": lambda x: norm()(layers.ZeroPadding2D()(layers.Conv2D(5, 3)(x))),
}


def images() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(4, 16, 16, 3)).astype(np.float32)


@pytest.mark.parametrize("name", [*FOLDED, *KEPT])
def test_the_folded_network_computes_the_same(name: str) -> None:
    model = network((FOLDED | KEPT)[name])

    folded = fold_batch_norms(model)

    assert folded(images()).numpy() == pytest.approx(model(images(), training=False).numpy(), abs=1e-4)
    assert norms_of(folded) == ([] if name in FOLDED else ["norm"])


def test_a_convolution_that_others_see_before_the_norm_is_left_alone() -> None:
    def body(x: Tensor) -> Tensor:
        seen = layers.Conv2D(5, 3)(x)
        return layers.Add()([seen, norm()(seen)])

    model = network(body)

    folded = fold_batch_norms(model)

    assert norms_of(folded) == ["norm"]
    assert folded(images()).numpy() == pytest.approx(model(images(), training=False).numpy(), abs=1e-4)


def test_scale_and_shift_stay_trainable_and_names_stay() -> None:
    model = network(FOLDED["convolution"])

    folded = fold_batch_norms(model)

    assert folded.name == "backbone"
    assert [layer.name for layer in folded.layers[1:]] == [layer.name for layer in model.layers[1:]]
    assert sorted(variable.name for variable in folded.trainable_variables) == ["bias", "kernel"]


def test_training_mode_changes_nothing() -> None:
    folded = fold_batch_norms(network(FOLDED["depthwise"]))

    assert np.array_equal(folded(images(), training=True).numpy(), folded(images(), training=False).numpy())


def test_mobile_net_v2_has_no_batch_norm_left_and_computes_the_same() -> None:
    model = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(64, 64, 3))
    pixels = np.random.default_rng(2).normal(size=(2, 64, 64, 3)).astype(np.float32)

    folded = fold_batch_norms(model)

    assert norms_of(folded) == []
    assert folded(pixels).numpy() == pytest.approx(model(pixels, training=False).numpy(), rel=1e-3, abs=1e-4)
