"""Dense layers between the features and the logits."""

import keras
import numpy as np
import pytest

from trainer.network.heads import add_head, describe_head, logit_count


@pytest.mark.parametrize(("classes", "logits"), [(2, 1), (3, 3), (4, 4)])
def test_two_classes_share_one_logit(classes: int, logits: int) -> None:
    assert logit_count(classes) == logits


@pytest.mark.parametrize("units", [(), (7,), (7, 5)])
@pytest.mark.parametrize("classes", [2, 4])
def test_the_head_pools_and_ends_in_linear_logits(units: tuple[int, ...], classes: int) -> None:
    features = keras.Input((3, 3, 6))

    model = keras.Model(features, add_head(features, units, classes, dropout=0.5))

    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [*units, logit_count(classes)]
    assert [layer.activation.__name__ for layer in dense] == ["relu"] * len(units) + ["linear"]
    assert model.get_layer("gap").output.shape == (None, 6)


def test_with_a_tumour_map_the_head_also_sees_what_lies_under_it() -> None:
    features, tumour_map = keras.Input((2, 2, 3)), keras.Input((2, 2, 1))
    head = add_head(features, (), 3, dropout=0.0, tumour_map=tumour_map)
    pooled = keras.Model([features, tumour_map], head._keras_history.operation.input)
    values = np.arange(12, dtype=np.float32).reshape(1, 2, 2, 3)
    sure = np.full((1, 2, 2, 1), -9.0, np.float32)
    sure[0, 1, 0] = 9.0

    somewhere, nowhere = (np.asarray(pooled([values, places]))[0] for places in (sure, np.zeros_like(sure)))

    assert somewhere == pytest.approx([4.5, 5.5, 6.5, 6.0, 7.0, 8.0], abs=1e-4)
    assert nowhere == pytest.approx([4.5, 5.5, 6.5, 4.5, 5.5, 6.5], abs=1e-4)


@pytest.mark.parametrize(
    ("units", "classes", "words"),
    [
        ((512,), 4, "GAP + Dense(512, ReLU) + softmax"),
        ((64, 32), 2, "GAP + Dense(64, ReLU) + Dense(32, ReLU) + sigmoid"),
        ((), 3, "GAP + softmax"),
    ],
)
def test_the_head_in_words(units: tuple[int, ...], classes: int, words: str) -> None:
    assert describe_head(units, classes) == words


def test_the_head_with_a_tumour_map_in_words() -> None:
    assert describe_head((8,), 4, with_map=True) == "GAP and mean under a learnt tumour map + Dense(8, ReLU) + softmax"
