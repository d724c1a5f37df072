"""Counts and rates of what a kind of picture met with."""

import math
from pathlib import Path

import numpy as np
import pytest

from service.classifier import Result
from trainer.prediction.answers import Answer
from trainer.refusals.tally import Tally, joined, tally

RESULT = Result("glioma", 0.75, "uncertain", {"glioma": 0.75, "no_tumor": 0.25}, 0.75, ("glioma",), 0.5, True, None)
ACCEPTED = Answer(Path("a.png"), None, RESULT, 0.5)
REFUSED = Answer(Path("b.png"), novelty=1.5, refusal="out-of-distribution", detail="x")
BLANK = Answer(Path("c.png"), refusal="blank-image", detail="x")
TEXT = Answer(Path("d.txt"), refusal="unsupported-format", detail="x")


def ungrouped(*answers: Answer) -> list[tuple[Answer, None]]:
    return [(answer, None) for answer in answers]


def test_only_what_the_model_was_asked_about_counts() -> None:
    one = tally("photos", ungrouped(ACCEPTED, REFUSED, BLANK, REFUSED, BLANK, TEXT, REFUSED))

    assert one.novelty.tolist() == [0.5, 1.5, 1.5, 1.5]
    assert one.refused.tolist() == [False, True, True, True]
    assert one.otherwise == {"blank-image": 2, "unsupported-format": 1}
    assert one.rate == 0.75
    assert one.groups is None


def test_groups_stay_with_their_pictures() -> None:
    one = tally("scans", [(ACCEPTED, "p1"), (BLANK, "p2"), (REFUSED, "p3")])

    assert one.groups == ["p1", "p3"]


def test_a_kind_that_the_model_never_saw_has_no_rate() -> None:
    one = tally("blank", ungrouped(BLANK, BLANK))

    assert (one.rate, one.interval) == (None, None)
    assert one.otherwise == {"blank-image": 2}


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (1, 1), (7, 10), (200, 200), (13, 934)])
def test_the_interval_is_that_of_wilson(hits: int, count: int) -> None:
    one = Tally("x", np.zeros(count), np.arange(count) < hits, tally("", []).otherwise)
    z, share = 1.959963984540054, hits / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)

    assert one.interval == pytest.approx([centre - half, centre + half], abs=1e-12)


def test_tallies_add_up() -> None:
    parts = [tally("a", [(ACCEPTED, "p1"), (BLANK, "p1")]), tally("b", [(REFUSED, "p2"), (BLANK, "p3")])]

    one = joined("all", parts)

    assert (one.kind, one.rate, one.groups, one.otherwise) == ("all", 0.5, ["p1", "p2"], {"blank-image": 2})
    assert one.novelty.tolist() == [0.5, 1.5]
