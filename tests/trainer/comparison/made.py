"""Answers and costs that no network gave, for tests of what is made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from service.model_file import Card
from tests.tiny_model import card
from trainer.comparison.answers import Answers
from trainer.comparison.choice import MARGIN
from trainer.comparison.costs import Cost
from trainer.comparison.graph_cost import GraphCost
from trainer.comparison.latency import Latency
from trainer.comparison.report import make_report
from trainer.data.sample import Sample

CLASSES = ("glioma", "no_tumor")
IMAGES = 100


def answers(wrong: Mapping[str, Sequence[int]], groups: int = IMAGES) -> Answers:
    """Return 100 images, every second of them a glioma; `wrong` are for each network the images it errs on."""
    truth = np.arange(IMAGES) % 2
    samples = [
        Sample(Path(f"{row}.png"), CLASSES[code], "ab"[row % 3 == 0], f"g{row % groups}")
        for row, code in enumerate(truth)
    ]
    networks = {name: np.where(np.isin(np.arange(IMAGES), rows), 1 - truth, truth) for name, rows in wrong.items()}
    controls = {"majority": np.zeros_like(truth), "header": np.where(np.arange(IMAGES) < 60, truth, 1 - truth)}
    return Answers(CLASSES, samples, [f"fold-{1 + (row >= 50)}" for row in range(IMAGES)], networks, controls, [])


def cost(milliseconds: float) -> Cost:
    """Return the cost of a network that takes so long."""
    latency = Latency(0.9 * milliseconds, milliseconds, 1.1 * milliseconds)
    return Cost(GraphCost(2_864_164, 292_926_336), 11_555_648, latency)


def report(wrong: Mapping[str, Sequence[int]], milliseconds: Sequence[float], **changes: Any) -> dict[str, Any]:
    """Return the report of a comparison; `changes` are those of its `Answers`."""
    costs = dict(zip(wrong, map(cost, milliseconds), strict=True))
    cards = dict.fromkeys(wrong, Card.model_validate(card(backbone="a <b> network")))
    return make_report(replace(answers(wrong), **changes), costs, cards, MARGIN)
