"""The rule on figures made by hand, and the reason that is given for the choice."""

import pytest

from trainer.comparison.choice import Contender, choose, rule
from trainer.comparison.differences import Difference
from trainer.comparison.reason import above_control, reason


def contender(name: str, accuracy: float, latency: float, behind: tuple[float, float] | None = None) -> Contender:
    """Return a network; `behind` is the interval of what the best has more, by default one that includes 0."""
    low, high = behind or (-0.01, 0.03)  # 1 point
    return Contender(name, accuracy, Difference((low + high) / 2, [low, high]), latency)


BEST = Contender("best", 0.95, Difference(0.0, [0.0, 0.0]), 30.0)
LIKE_IT = contender("like-it", 0.94, 9.0)
LIKE_IT_TOO = contender("like-it-too", 0.93, 8.5)
WORSE = contender("worse", 0.80, 5.0, (0.10, 0.20))


@pytest.mark.parametrize(
    ("contenders", "chosen"),
    [
        ((BEST, WORSE), "best"),
        ((WORSE, BEST), "best"),
        ((BEST, LIKE_IT), "like-it"),
        ((BEST, LIKE_IT, WORSE), "like-it"),
        ((BEST, contender("like-it", 0.94, 40.0)), "best"),
        ((BEST, contender("like-it", 0.94, 29.0)), "best"),
        ((BEST, contender("like-it", 0.94, 27.0)), "like-it"),
        ((BEST, LIKE_IT_TOO, LIKE_IT), "like-it"),
        ((BEST, contender("edge", 0.94, 9.0, (0.0, 0.02))), "edge"),
        ((BEST, contender("edge", 0.94, 9.0, (0.0001, 0.02))), "best"),
        ((BEST, contender("equal", 0.95, 29.0, (0.0, 0.0))), "equal"),
        ((BEST, Contender("one-group", 0.94, Difference(0.01, None), 1.0)), "one-group"),
        ((BEST, contender("far", 0.89, 9.0, (-0.02, 0.14))), "best"),
        ((BEST, contender("margin", 0.93, 9.0, (-0.02, 0.06))), "margin"),
    ],
    ids=[
        "a clear winner wins, however slow",
        "in any order",
        "on a par: the faster",
        "the fastest of all does not win when it is worse",
        "the best is the fastest too",
        "3 % faster counts as equally fast",
        "11 % faster counts",
        "of the equally fast the more accurate",
        "an interval that ends at 0 includes it",
        "one that does not",
        "equally accurate and equally fast: the faster",
        "without an interval nothing can be told",
        "6 points are too many, even where little data cannot tell them from 0",
        "2 points are not",
    ],
)
def test_the_rule(contenders: tuple[Contender, ...], chosen: str) -> None:
    choice = choose(contenders)

    assert choice.chosen.name == chosen
    assert choice.best.accuracy == 0.95
    assert choice.best in choice.on_a_par and choice.chosen in choice.on_a_par


def told(*contenders: Contender) -> str:
    return reason(choose(contenders), contenders)


def test_the_reason_for_a_clear_winner() -> None:
    assert told(BEST, WORSE) == (
        "best has the highest accuracy, 95.0 %. No other network is on a par with it. "
        "worse is faster (5.00 ms) but behind best by 15.0 points (95 % interval 10.0 to 20.0)."
    )


def test_the_reason_for_a_faster_network_on_a_par_with_the_best() -> None:
    assert told(BEST, LIKE_IT) == (
        "like-it (94.0 %) is on a par with the most accurate network, best (95.0 %): it is behind by 1.0 points "
        "(95 % interval -1.0 to 3.0). It takes 9.00 ms an image; of the others on a par: best 30.00 ms."
    )


def test_the_reason_names_a_network_that_is_hardly_faster() -> None:
    text = told(BEST, LIKE_IT, LIKE_IT_TOO)

    assert "of the others on a par: like-it-too 8.50 ms, best 30.00 ms." in text
    assert text.endswith("Up to 10 % faster counts as equally fast, and like-it-too is no more accurate.")


def test_a_network_that_is_slower_and_worse_is_named_too() -> None:
    assert "slow is no faster (50.00 ms) and behind best" in told(BEST, contender("slow", 0.8, 50.0, (0.1, 0.2)))


@pytest.mark.parametrize(("margin", "chosen"), [(0.0, "best"), (0.005, "best"), (0.01, "like-it"), (1.0, "like-it")])
def test_the_margin_decides_what_a_faster_network_may_lose(margin: float, chosen: str) -> None:
    assert choose((BEST, LIKE_IT), margin).chosen.name == chosen


def test_the_rule_is_told_with_its_limits() -> None:
    assert "at most 0.5 points behind" in rule(0.005) and "within 10 %" in rule(0.005)


@pytest.mark.parametrize(
    ("margin", "words"),
    [
        (Difference(0.2, [0.1, 0.3]), "net is better by 20.0 points (95 % interval 10.0 to 30.0)."),
        (Difference(0.2, [-0.1, 0.3]), "net is NOT shown to be better: by 20.0 points (95 % interval -10.0 to 30.0)."),
        (Difference(-0.2, [-0.3, -0.1]), "net is NOT shown to be better: by -20.0 points"),
        (Difference(0.2, None), "net is NOT shown to be better: by 20.0 points (a single group: no interval)."),
    ],
)
def test_the_choice_is_held_against_the_best_control(margin: Difference, words: str) -> None:
    text = above_control("net", "header", 0.7, margin)

    assert text.startswith("The best control, header, reaches 70.0 % without looking at the anatomy; ")
    assert words in text
