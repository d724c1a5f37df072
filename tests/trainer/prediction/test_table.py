"""Answers as rows of a CSV table."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.classifier import Result
from trainer.prediction.answers import Answer
from trainer.prediction.table import header, row

CLASSES = ("glioma", "no_tumor")
RESULT = Result("glioma", 0.75, "uncertain", {"glioma": 0.75, "no_tumor": 0.25}, 0.75, ("glioma",), 0.5, True, None)


def cells(answer: Answer, classes: tuple[str, ...] = CLASSES) -> dict[str, str]:
    return dict(zip(header(classes), row(answer, classes), strict=True))


def test_a_result_fills_every_column_but_the_refusal() -> None:
    result = dataclasses.replace(RESULT, prediction_set=("glioma", "no_tumor"))

    assert cells(Answer(Path("a/b.png"), None, result, 0.5, ("uncertain: low", "colour-image: red"))) == {
        "path": "a/b.png",
        "label": "glioma",
        "probability": "0.75",
        "decision": "uncertain",
        "probability_glioma": "0.75",
        "probability_no_tumor": "0.25",
        "novelty": "0.5",
        "prediction_set": "glioma;no_tumor",
        "warnings": "uncertain: low; colour-image: red",
        "refusal": "",
    }


def test_a_refused_file_has_its_path_its_reason_and_nothing_else() -> None:
    refused = cells(Answer(Path("a.txt"), refusal="unsupported-format", detail="no image"))

    assert {name: cell for name, cell in refused.items() if cell} == {
        "path": "a.txt",
        "refusal": "unsupported-format: no image",
    }
    assert cells(Answer(Path("a.png"), novelty=2.0, refusal="out-of-distribution", detail="x"))["novelty"] == "2"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_name_becomes_a_formula(first: str) -> None:
    name = f"{first}HYPERLINK(A1)"
    result = dataclasses.replace(
        RESULT, label=name, decision=name, probabilities={name: 1.0}, prediction_set=(name, "x")
    )

    written = cells(Answer(Path(f"{name}.png"), None, result, 0.5), (name,))

    assert written["path"] == f"./{name}.png"
    assert Path(written["path"]) == Path(f"{name}.png")
    assert (written["label"], written["decision"]) == (f"'{name}", f"'{name}")
    assert not any(text.startswith(first) for text in (*written, *written.values()))


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1).filter(lambda name: name[0] not in "=+-@"))
def test_any_other_name_stays_as_it_is(name: str) -> None:
    result = dataclasses.replace(RESULT, label=name, decision=name, probabilities={name: 1.0}, prediction_set=(name,))

    written = cells(Answer(Path(f"scans/{name}"), None, result, 0.5), (name,))

    assert written["path"] == Path(f"scans/{name}").as_posix()
    assert (written["label"], written["decision"], written["prediction_set"]) == (name, name, name)
