"""What a quantised model may lose: macro-F1 half a point, the recall of a class one point, scans refused one point."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, recall_score

from service.classifier import Scores

MACRO_F1_FALL = 0.005
RECALL_FALL = 0.01
REFUSED_RISE = 0.01
_ROUNDING = 1e-9


def compare(
    before: Scores, after: Scores, truth: NDArray[np.int64], class_names: tuple[str, ...], threshold: float
) -> dict[str, Any]:
    """Return the figures of both files on the same images; above the novelty `threshold` an image is refused."""
    present = sorted(set(truth.tolist()))
    figures = {}
    for name, scores in (("float32", before), ("int8", after)):
        said = scores.probabilities.argmax(axis=1)
        recalls = recall_score(truth, said, labels=present, average=None, zero_division=0)
        figures[name] = {
            "macro_f1": float(f1_score(truth, said, labels=present, average="macro", zero_division=0)),
            "recall": {class_names[k]: float(recall) for k, recall in zip(present, recalls, strict=True)},
            "refused_as_novel": float((scores.novelty > threshold).mean()),
        }
    same = before.probabilities.argmax(axis=1) == after.probabilities.argmax(axis=1)
    return {"images": len(truth), "same_answer": float(same.mean()), **figures}


def failures(figures: dict[str, Any]) -> list[str]:
    """Return what breaks the gate, one phrase for each, with the figures."""
    before, after = figures["float32"], figures["int8"]
    found = []
    if before["macro_f1"] - after["macro_f1"] > MACRO_F1_FALL + _ROUNDING:
        found.append(f"macro-F1 {_change(before['macro_f1'], after['macro_f1'])}, may fall by 0.5")
    for name, recall in before["recall"].items():
        if recall - after["recall"][name] > RECALL_FALL + _ROUNDING:
            found.append(f"recall of {name} {_change(recall, after['recall'][name])}, may fall by 1.0")
    if after["refused_as_novel"] - before["refused_as_novel"] > REFUSED_RISE + _ROUNDING:
        found.append(f"refused {_change(before['refused_as_novel'], after['refused_as_novel'])}, may rise by 1.0")
    return found


def _change(before: float, after: float) -> str:
    return f"{100 * before:.1f} -> {100 * after:.1f} %"
