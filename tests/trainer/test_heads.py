"""Dense layers between the features and the logits."""

import keras
import pytest

from trainer.heads import add_head, describe_head, logit_count


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
