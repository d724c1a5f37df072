"""Mixed precision and XLA are for machines with a GPU."""

from collections.abc import Iterator

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.networks import tiny_config
from tests.trainer.pictures import pictures
from trainer.fitting.acceleration import accelerate, to_float32
from trainer.network.building import build_network


@pytest.fixture
def jit(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Collect what is asked of XLA; afterwards everything is computed in float32 again."""
    asked: list[object] = []
    monkeypatch.setattr(tf.config.optimizer, "set_jit", asked.append)
    yield asked
    keras.mixed_precision.set_global_policy("float32")


def test_without_a_gpu_nothing_changes(jit: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])

    accelerate()

    assert keras.mixed_precision.global_policy().name == "float32" and jit == []


@pytest.mark.usefixtures("tiny_backbone")
def test_with_one_layers_compute_in_half_precision_and_the_trained_network_in_full(
    jit: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0"] if kind == "GPU" else [])
    images = pictures(4, 32).astype(np.float32)

    accelerate()
    network = build_network(tiny_config(seed=1), 3)
    half = np.asarray(network(images, training=False))
    computed_in = {layer.compute_dtype for layer in network._flatten_layers() if layer.name in ("Conv2", "dense_0")}
    to_float32(network)
    full = np.asarray(network(images, training=False))

    keras.mixed_precision.set_global_policy("float32")
    reference = build_network(tiny_config(seed=1), 3)
    reference.set_weights(network.get_weights())
    assert jit == ["autoclustering"] and computed_in == {"float16"}
    assert half.dtype == np.float32, "logits are never halved"
    assert {variable.dtype for variable in network.weights} == {"float32"}
    assert full == pytest.approx(np.asarray(reference(images, training=False)), abs=1e-6)
    assert not np.array_equal(half, full)
