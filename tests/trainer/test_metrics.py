"""Scores and their intervals."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.metrics import auroc, bootstrap_interval, classification_metrics

CLASSES = ("a", "b", "c")


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
    }
    assert scores["per_class"]["a"] == pytest.approx({"precision": 3 / 5, "recall": 3 / 4, "f1": 2 / 3, "images": 4})
    assert scores["per_class"]["b"] == pytest.approx({"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "images": 3})
    assert scores["per_class"]["c"] == pytest.approx({"precision": 1, "recall": 2 / 3, "f1": 0.8, "images": 3})
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0.8) / 3)


def test_a_class_without_images_or_answers_has_no_figures_and_no_weight() -> None:
    scores = classification_metrics(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 0]), list("pqrs"), CLASSES)

    assert scores["per_class"]["b"] == {"precision": None, "recall": 0.0, "f1": 0.0, "images": 2}
    assert scores["per_class"]["c"] == {"precision": None, "recall": None, "f1": None, "images": 0}
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("pqrst")), min_size=1, max_size=20))
def test_any_answers_give_strict_json_and_an_interval_around_the_score(rows: list[tuple[int, int, str]]) -> None:
    truth, predicted, groups = (list(column) for column in zip(*rows, strict=True))

    scores = classification_metrics(np.array(truth), np.array(predicted), groups, CLASSES)

    json.dumps(scores, allow_nan=False)
    bounds = scores["accuracy_95ci"]
    assert (bounds is None) == (len(set(groups)) == 1)
    assert bounds is None or 0 <= bounds[0] <= bounds[1] <= 1
    assert sum(map(sum, scores["confusion"]["counts"])) == len(rows)


def test_errors_that_come_in_clusters_widen_the_interval() -> None:
    hits = np.repeat(np.random.default_rng(0).random(40) < 0.8, 25).astype(float)

    def accuracy(rows: np.ndarray) -> float:
        return float(hits[rows].mean())

    by_image = bootstrap_interval(accuracy, [str(n) for n in range(1000)])
    by_group = bootstrap_interval(accuracy, [str(n // 25) for n in range(1000)])

    assert by_image is not None and by_group is not None
    assert by_image[1] - by_image[0] == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 1000), rel=0.3)
    assert by_group[1] - by_group[0] == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 40), rel=0.3)


def test_the_interval_is_the_same_each_time_whatever_the_order_of_the_groups() -> None:
    values = np.random.default_rng(0).random(50)
    groups = [f"g{n % 7}" for n in range(50)]
    backwards = values[::-1]

    first = bootstrap_interval(lambda rows: float(values[rows].mean()), groups)
    second = bootstrap_interval(lambda rows: float(backwards[rows].mean()), groups[::-1])

    assert first == pytest.approx(second)


def test_a_single_group_has_no_interval() -> None:
    assert bootstrap_interval(lambda rows: float(rows.mean()), ["one"] * 5) is None


def test_auroc_by_hand() -> None:
    truth = np.array([True, True, False, False, False])
    score = np.array([0.9, 0.4, 0.5, 0.3, 0.4])

    result = auroc(truth, score, list("abcde"))

    assert result is not None
    assert result["auroc"] == pytest.approx((3 + 1.5) / 6)
    assert 0 <= result["auroc_95ci"][0] <= result["auroc"] <= result["auroc_95ci"][1] <= 1


@pytest.mark.parametrize("truth", [[True, True], [False, False]])
def test_auroc_of_one_side_alone_does_not_exist(truth: list[bool]) -> None:
    assert auroc(np.array(truth), np.array([0.1, 0.2]), ["a", "b"]) is None


def test_auroc_with_a_single_positive_group_is_strict_json() -> None:
    truth = np.arange(20) == 0

    json.dumps(auroc(truth, np.linspace(1, 0, 20), [str(n) for n in range(20)]), allow_nan=False)
