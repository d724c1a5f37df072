"""The rule that picks a network, from figures alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.comparison.differences import Difference

MARGIN = 0.02
EQUALLY_FAST = 1.1
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Contender:
    """A network as the rule sees it: `behind` is what the most accurate network has more, `latency` is in ms."""

    name: str
    accuracy: float
    behind: Difference
    latency: float


@dataclass(frozen=True)
class Choice:
    """The network taken, the most accurate one, and all that are on a par with that, itself among them."""

    chosen: Contender
    best: Contender
    on_a_par: list[Contender]


def rule(margin: float) -> str:
    """Say in words what `choose` does."""
    return (
        f"A network is on a par with the most accurate one when it is at most {100 * margin:g} points behind and the "
        "95 % interval over groups of that difference includes 0. Of the networks on a par, take the fastest on one "
        "thread. Networks within 10 % of its time count as equally fast; of these, take the most accurate."
    )


def choose(contenders: Sequence[Contender], margin: float = MARGIN) -> Choice:
    """Apply the rule; `margin` is the share of the images by which a faster network may be behind."""
    best = max(contenders, key=lambda one: one.accuracy)
    on_a_par = [one for one in contenders if not one.behind.above_zero and one.behind.value <= margin + _ROUNDING]
    limit = EQUALLY_FAST * min(one.latency for one in on_a_par)
    fast = [one for one in on_a_par if one.latency <= limit]
    return Choice(min(fast, key=lambda one: (-one.accuracy, one.latency)), best, on_a_par)
