"""Why a network was chosen, in words and with the figures that the rule looked at."""

from collections.abc import Iterator, Sequence

from trainer.comparison.choice import Choice, Contender
from trainer.comparison.differences import Difference
from trainer.comparison.figures import percent, points


def reason(choice: Choice, contenders: Sequence[Contender]) -> str:
    """Say what speaks for the chosen network, and what was passed over."""
    return " ".join([_accuracy(choice), *_time(choice), *_passed_over(choice, contenders)])


def above_control(chosen: str, control: str, accuracy: float, margin: Difference) -> str:
    """Say whether the chosen network is better than the best control, of which `accuracy` is given."""
    beginning = f"The best control, {control}, reaches {percent(accuracy)} without looking at the anatomy;"
    if margin.above_zero:
        return f"{beginning} {chosen} is better by {points(margin)}."
    return f"{beginning} {chosen} is NOT shown to be better: by {points(margin)}."


def _accuracy(choice: Choice) -> str:
    chosen, best = choice.chosen, choice.best
    if chosen.accuracy == best.accuracy:
        return f"{chosen.name} has the highest accuracy, {percent(chosen.accuracy)}."
    return (
        f"{chosen.name} ({percent(chosen.accuracy)}) is on a par with the most accurate network, {best.name} "
        f"({percent(best.accuracy)}): it is behind by {points(chosen.behind)}."
    )


def _time(choice: Choice) -> Iterator[str]:
    chosen = choice.chosen
    others = sorted((one for one in choice.on_a_par if one != chosen), key=lambda one: one.latency)
    if not others:
        yield "No other network is on a par with it."
        return
    times = ", ".join(f"{one.name} {_milliseconds(one)}" for one in others)
    yield f"It takes {_milliseconds(chosen)} an image; of the others on a par: {times}."
    if others[0].latency < chosen.latency:
        yield f"Up to 10 % faster counts as equally fast, and {others[0].name} is no more accurate."


def _passed_over(choice: Choice, contenders: Sequence[Contender]) -> Iterator[str]:
    for one in contenders:
        if one not in choice.on_a_par:
            faster = "faster ({}) but" if one.latency < choice.chosen.latency else "no faster ({}) and"
            speed = faster.format(_milliseconds(one))
            yield f"{one.name} is {speed} behind {choice.best.name} by {points(one.behind)}."


def _milliseconds(one: Contender) -> str:
    return f"{one.latency:.2f} ms"
