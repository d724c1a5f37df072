"""The gate of a quantised model."""

import numpy as np
import pytest

from service.classifier import Scores
from trainer.export.int8_gate import compare, failures

CLASSES = ("a", "b", "c")
TRUTH = np.repeat([0, 1], 200)


def scores(said: np.ndarray, novelty: np.ndarray | None = None) -> Scores:
    probabilities = np.eye(3, dtype=np.float32)[said]
    return Scores(probabilities, np.zeros(len(said), np.float32) if novelty is None else novelty, None)


def with_errors(count: int) -> np.ndarray:
    """All answers right but the last `count` of class b."""
    said = TRUTH.copy()
    said[len(said) - count :] = 0
    return said


def test_figures_by_hand() -> None:
    figures = compare(scores(TRUTH), scores(with_errors(20)), TRUTH, CLASSES, 1.0)

    assert figures["float32"] == {"macro_f1": 1.0, "recall": {"a": 1.0, "b": 1.0}, "refused_as_novel": 0.0}
    assert figures["int8"]["recall"] == {"a": 1.0, "b": 0.9}
    assert figures["int8"]["macro_f1"] == pytest.approx((2 * 200 / 420 + 2 * 180 / 380) / 2)
    assert (figures["same_answer"], figures["images"]) == (0.95, 400)


@pytest.mark.parametrize(
    ("float_f1", "int8_f1", "float_recall", "int8_recall", "broken"),
    [
        (0.900, 0.895, 0.90, 0.89, []),
        (0.900, 0.894, 0.90, 0.90, ["macro-F1 90.0 -> 89.4 %, may fall by 0.5"]),
        (0.900, 0.900, 0.90, 0.88, ["recall of a 90.0 -> 88.0 %, may fall by 1.0"]),
        (0.900, 0.950, 0.90, 0.99, []),
    ],
)
def test_half_a_point_of_macro_f1_and_one_of_recall(
    float_f1: float, int8_f1: float, float_recall: float, int8_recall: float, broken: list[str]
) -> None:
    figures = {
        "float32": {"macro_f1": float_f1, "recall": {"a": float_recall}, "refused_as_novel": 0.0},
        "int8": {"macro_f1": int8_f1, "recall": {"a": int8_recall}, "refused_as_novel": 0.0},
    }

    assert failures(figures) == broken


def test_scans_that_are_suddenly_refused_break_it() -> None:
    novelty = np.where(np.arange(400) < 8, 1.5, 0.5).astype(np.float32)

    figures = compare(scores(TRUTH), scores(TRUTH, novelty), TRUTH, CLASSES, 1.0)

    assert failures(figures) == ["refused 0.0 -> 2.0 %, may rise by 1.0"]
