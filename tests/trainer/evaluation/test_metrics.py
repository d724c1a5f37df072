"""Scores and their intervals."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, roc_auc_score

from trainer.evaluation.metrics import binary_areas, classification_metrics, weighted_auroc

CLASSES = ("a", "b", "c")


def figures(scores: dict[str, Any], name: str) -> dict[str, Any]:
    """The figures of a class without their intervals."""
    return {key: value for key, value in scores["per_class"][name].items() if not key.endswith("95ci")}


def test_a_case_counted_by_hand() -> None:
    truth = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    predicted = np.array([0, 0, 0, 1, 1, 1, 0, 2, 2, 0])

    scores = classification_metrics(truth, predicted, [str(n // 2) for n in range(10)], CLASSES)

    assert (scores["images"], scores["groups"]) == (10, 5)
    assert scores["accuracy"] == pytest.approx(0.7)
    assert scores["confusion"] == {
        "rows_are": "truth",
        "classes": ["a", "b", "c"],
        "counts": [[3, 1, 0], [1, 2, 0], [1, 0, 2]],
        "rates": [[3 / 4, 1 / 4, 0], [1 / 3, 2 / 3, 0], [1 / 3, 0, 2 / 3]],
    }
    assert figures(scores, "a") == pytest.approx({"precision": 3 / 5, "recall": 3 / 4, "f1": 2 / 3, "images": 4})
    assert figures(scores, "b") == pytest.approx({"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "images": 3})
    assert figures(scores, "c") == pytest.approx({"precision": 1, "recall": 2 / 3, "f1": 0.8, "images": 3})
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0.8) / 3)


def test_a_class_without_images_or_answers_has_no_figures_and_no_weight() -> None:
    scores = classification_metrics(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 0]), list("pqrs"), CLASSES)

    assert figures(scores, "b") == {"precision": None, "recall": 0.0, "f1": 0.0, "images": 2}
    assert figures(scores, "c") == {"precision": None, "recall": None, "f1": None, "images": 0}
    assert scores["per_class"]["c"]["recall_95ci"] is None
    assert scores["confusion"]["rates"][2] == [None, None, None]
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("pqrst")), min_size=1, max_size=20))
def test_any_answers_give_strict_json_and_an_interval_around_the_score(rows: list[tuple[int, int, str]]) -> None:
    truth, predicted, groups = (list(column) for column in zip(*rows, strict=True))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.evaluation.bootstrap.RESAMPLES", 50)
        scores = classification_metrics(np.array(truth), np.array(predicted), groups, CLASSES)

    json.dumps(scores, allow_nan=False)
    bounds = scores["accuracy_95ci"]
    assert (bounds is None) == (len(set(groups)) == 1)
    assert bounds is None or 0 <= bounds[0] <= bounds[1] <= 1
    assert sum(map(sum, scores["confusion"]["counts"])) == len(rows)


def test_auroc_by_hand() -> None:
    truth = np.array([True, True, False, False, False])
    score = np.array([0.9, 0.4, 0.5, 0.3, 0.4])

    result = binary_areas(truth, score, list("abcde"))

    assert result is not None
    assert result["auroc"] == pytest.approx((3 + 1.5) / 6)
    assert result["average_precision"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 4)
    assert result["prevalence"] == pytest.approx(0.4)
    assert 0 <= result["auroc_95ci"][0] <= result["auroc"] <= result["auroc_95ci"][1] <= 1


@pytest.mark.parametrize("truth", [[True, True], [False, False]])
def test_areas_of_one_side_alone_do_not_exist(truth: list[bool]) -> None:
    assert binary_areas(np.array(truth), np.array([0.1, 0.2]), ["a", "b"]) is None


def test_auroc_with_a_single_positive_group_is_strict_json() -> None:
    truth = np.arange(20) == 0

    json.dumps(binary_areas(truth, np.linspace(1, 0, 20), [str(n) for n in range(20)]), allow_nan=False)


def test_the_weighted_area_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    truth = generator.random(40) < 0.4
    score = generator.integers(0, 8, 40) / 8
    weights = generator.integers(0, 4, (20, 40)).astype(float)

    areas = weighted_auroc(truth, score, weights)

    assert areas == pytest.approx([roc_auc_score(truth, score, sample_weight=row) for row in weights])


def test_the_interval_of_macro_f1_is_that_of_resampled_images() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 3, 300)
    predicted = np.where(generator.random(300) < 0.8, truth, generator.integers(0, 3, 300))
    draws = generator.integers(0, 300, (300, 300))
    resampled = [f1_score(truth[rows], predicted[rows], average="macro") for rows in draws]

    low, high = classification_metrics(truth, predicted, [str(n) for n in range(300)], CLASSES)["macro_f1_95ci"]

    assert [low, high] == pytest.approx(np.percentile(resampled, [2.5, 97.5]), abs=0.01)
