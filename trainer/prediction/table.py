"""Answers as rows of a CSV table."""

from collections.abc import Sequence
from pathlib import Path

from trainer.prediction.answers import Answer

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet take a cell for a formula (CWE-1236)."""


def header(classes: Sequence[str]) -> list[str]:
    """Return the names of the columns, one for each class among them."""
    probabilities = [f"probability_{name}" for name in classes]
    return [
        "path",
        "label",
        "probability",
        "decision",
        *probabilities,
        "novelty",
        "prediction_set",
        "warnings",
        "refusal",
    ]


def row(answer: Answer, classes: Sequence[str]) -> list[str]:
    """Return the cells of one answer; those that a refused file has no value for are empty."""
    result = answer.result
    if result is None:
        found = [""] * (3 + len(classes))
    else:
        probabilities = [_number(result.probabilities[name]) for name in classes]
        found = [_name(result.label), _number(result.probability), _name(result.decision), *probabilities]
    return [
        _path(answer.path),
        *found,
        "" if answer.novelty is None else _number(answer.novelty),
        _name(";".join(result.prediction_set)) if result else "",
        "; ".join(answer.warnings),
        f"{answer.refusal}: {answer.detail}" if answer.refusal else "",
    ]


def _number(value: float) -> str:
    return f"{value:.6g}"


def _path(path: Path) -> str:
    """Return the path so that no spreadsheet runs it: `./` before a formula character names the same file."""
    text = path.as_posix()
    return f"./{text}" if text.startswith(_FORMULA) else text


def _name(text: str) -> str:
    """Return the name of a class, with an apostrophe before a formula character; any other name stays as it is."""
    return f"'{text}" if text.startswith(_FORMULA) else text
