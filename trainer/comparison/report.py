"""A comparison as plain data: what comparison.json holds, the console prints and the page shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from service import DISCLAIMER
from service.model_file import Card
from trainer.comparison.answers import Answers
from trainer.comparison.caveats import caveats_of
from trainer.comparison.choice import Contender, choose, rule
from trainer.comparison.costs import Cost
from trainer.comparison.differences import Difference, accuracy_difference
from trainer.comparison.holm import holm
from trainer.comparison.mcnemar import mcnemar
from trainer.comparison.reason import above_control, reason
from trainer.comparison.scores import scores_of

Scores = Mapping[str, Mapping[str, Any]]


def make_report(
    answers: Answers, costs: Mapping[str, Cost], cards: Mapping[str, Card], margin: float
) -> dict[str, Any]:
    """Return scores and costs of every network, the most accurate first, the controls beside them, and the choice.

    `costs` and `cards` are by network, as `answers.networks` is; `margin` is that of the rule.
    """
    networks = _networks(answers)
    contenders = [
        Contender(name, row["accuracy"], _behind(answers, next(iter(networks)), name), costs[name].latency.median)
        for name, row in networks.items()
    ]
    controls = {name: scores_of(answers, said) for name, said in answers.controls.items()}
    return {
        "images": len(answers.samples),
        "groups": len(set(answers.groups)),
        "classes": list(answers.classes),
        "folds": list(dict.fromkeys(answers.folds)),
        "left_out": [path.name for path in answers.left_out],
        "networks": {name: {**_about(cards[name]), **row, **_cost(costs[name])} for name, row in networks.items()},
        "controls": controls,
        "choice": _choice(answers, controls, contenders, margin),
        "caveats": caveats_of(answers),
        "disclaimer": DISCLAIMER,
    }


def _networks(answers: Answers) -> Scores:
    """Return the scores of the networks, the most accurate first, each but that held against it."""
    scores = {name: scores_of(answers, said) for name, said in answers.networks.items()}
    order = sorted(scores, key=lambda name: -scores[name]["accuracy"])
    against = _against_best(answers, order)
    return {name: {**scores[name], "behind_best": against.get(name)} for name in order}


def _about(card: Card) -> dict[str, Any]:
    preprocess = card.preprocess
    return {
        "backbone": card.backbone,
        "head": card.head,
        "input": f"{preprocess.size} x {preprocess.size} x {preprocess.channels}",
        "crop": preprocess.crop,
    }


def _cost(cost: Cost) -> dict[str, Any]:
    latency = cost.latency
    return {
        "parameters": cost.graph.parameters,
        "macs": cost.graph.macs,
        "onnx_bytes": cost.onnx_bytes,
        "latency_ms": {"median": latency.median, "quartiles": [latency.lower_quartile, latency.upper_quartile]},
    }


def _behind(answers: Answers, first: str, second: str) -> Difference:
    """Say how far the second, a network or a control, is behind the first."""
    said = answers.networks | answers.controls
    return accuracy_difference(said[first] == answers.truth, said[second] == answers.truth, answers.groups)


def _difference(difference: Difference) -> dict[str, Any]:
    return {"accuracy": difference.value, "accuracy_95ci": difference.interval}


def _against_best(answers: Answers, order: list[str]) -> dict[str, dict[str, Any]]:
    """Hold every network of `order` but the first against the first."""
    best, *others = order
    hits = {name: said == answers.truth for name, said in answers.networks.items()}
    tests = [mcnemar(hits[best], hits[name]) for name in others]
    adjusted = holm([test.p_value for test in tests])
    return {
        name: {
            **_difference(_behind(answers, best, name)),
            "only_best_right": test.only_first,
            "only_this_right": test.only_second,
            "mcnemar_p": test.p_value,
            "mcnemar_p_holm": p_value,
        }
        for name, test, p_value in zip(others, tests, adjusted, strict=True)
    }


def _choice(answers: Answers, controls: Scores, contenders: Sequence[Contender], margin: float) -> dict[str, Any]:
    choice = choose(contenders, margin)
    control = max(controls, key=lambda name: float(controls[name]["accuracy"]))
    above = _behind(answers, choice.chosen.name, control)
    known = above_control(choice.chosen.name, control, controls[control]["accuracy"], above)
    return {
        "rule": rule(margin),
        "margin": margin,
        "chosen": choice.chosen.name,
        "most_accurate": choice.best.name,
        "on_a_par": [one.name for one in choice.on_a_par],
        "best_control": control,
        "above_best_control": _difference(above),
        "reason": f"{reason(choice, contenders)} {known}",
    }
