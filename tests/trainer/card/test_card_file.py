"""The card that an exported model carries."""

from typing import Any

import numpy as np
import pytest

from service.model_file import Card
from tests.trainer.pictures import sample
from trainer.card.card_file import make_card
from trainer.config import make_config
from trainer.fitting.calibration import abstention_threshold, conformal_threshold

TRUTH = np.arange(60) % 3
PROBABILITIES = np.random.default_rng(0).dirichlet([1, 1, 1], 60)


def card_of(**values: Any) -> Card:
    samples = [
        sample(n, "abc"[n % 3], split=("train", "test", "excluded")[n // 2 % 3], source="xy"[n % 2]) for n in range(12)
    ]
    samples += [sample(20, "a", split="train", source="x", series=values.pop("series", None))]
    config = make_config({"size": 64, **values})
    return make_card(config, "abc", samples, "f" * 64, PROBABILITIES, TRUTH, "python -m trainer", {"numpy": "2"})


def test_thresholds_come_from_the_validation_images() -> None:
    thresholds = card_of().thresholds

    assert thresholds.uncertain == abstention_threshold(PROBABILITIES, TRUTH)
    assert thresholds.conformal == conformal_threshold(PROBABILITIES, TRUTH)
    assert thresholds.novelty == 1.0


@pytest.mark.parametrize(("tumours", "expected"), [((), [None, None, None]), (("a", "c"), [True, False, True])])
def test_classes_are_tumours_only_where_that_was_said(tumours: tuple[str, ...], expected: list[bool | None]) -> None:
    assert [one.tumour for one in card_of(tumour_classes=tumours).classes] == expected


def test_images_are_counted_by_source_split_and_class() -> None:
    assert card_of().training_data.sources == {
        "x": {"train": {"a": 3}, "test": {"c": 2}, "excluded": {"b": 2}},
        "y": {"train": {"b": 2}, "test": {"a": 2}, "excluded": {"c": 2}},
    }


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({}, "thumbnail correlation >= 0.97 of picture or head"),
        ({"near_duplicates": 2.0}, "identical pixels"),
        ({"seed": 7}, "seed 7"),
        ({"series": "s"}, "contiguous blocks as long as their largest patient"),
    ],
)
def test_the_split_method_is_told(values: dict[str, Any], part: str) -> None:
    assert part in card_of(**values).training_data.split_method
    assert "contiguous" not in card_of().training_data.split_method


def test_a_split_that_came_with_the_data_is_not_called_our_own() -> None:
    card = make_card(make_config({}), "abc", [], "f" * 64, PROBABILITIES, TRUTH, "", {}, given_splits=True)

    assert card.training_data.split_method.startswith("as the data gives it")
    assert "seed" not in card.training_data.split_method


def test_the_card_survives_being_written() -> None:
    card = card_of(head=(16,), weights="none", crop="brain", crop_margin=0.1)

    assert Card.model_validate_json(card.model_dump_json()) == card
    assert (card.preprocess.crop, card.preprocess.crop_margin) == ("brain", 0.1)
    assert card.head == "GAP + Dense(16, ReLU) + softmax"
    assert card.backbone == "mobilenet_v2, random initial weights, trained as a whole"
    assert "Not a medical device" in card.intended_use
