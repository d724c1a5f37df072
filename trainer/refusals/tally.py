"""What became of the pictures of one kind."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from service.errors import OutOfDistribution
from trainer.prediction.answers import Answer


@dataclass(frozen=True)
class Tally:
    """The pictures of a kind.

    `novelty` `[N]` and `refused` `[N]` are of those that the model was asked about; `otherwise` counts by code those
    that the service refuses before, such as blank ones, which say nothing about the model. `groups` `[N]` are the
    patients, where they are known.
    """

    kind: str
    novelty: NDArray[np.float64]
    refused: NDArray[np.bool_]
    otherwise: Counter[str]
    groups: list[str] | None = None

    @cached_property
    def rate(self) -> float | None:
        """The share refused as novel; None where the model was asked about nothing."""
        return float(self.refused.mean()) if len(self.refused) else None

    @cached_property
    def interval(self) -> list[float] | None:
        """The 95 % interval of Wilson (1927) of the rate, for independent pictures."""
        if not len(self.refused):
            return None
        bounds = binomtest(int(self.refused.sum()), len(self.refused)).proportion_ci(0.95, method="wilson")
        return [float(bounds.low), float(bounds.high)]


def tally(kind: str, answers: Iterable[tuple[Answer, str | None]]) -> Tally:
    """Count answers that refuse what is novel, each with the group of its picture (None: pictures share no patient)."""
    novelty: list[float] = []
    refused: list[bool] = []
    groups: list[str] = []
    otherwise: Counter[str] = Counter()
    for answer, group in answers:
        if answer.novelty is None:
            otherwise[answer.refusal] += 1
            continue
        novelty.append(answer.novelty)
        refused.append(answer.refusal == OutOfDistribution.code)
        groups += [group] if group else []
    return Tally(kind, np.array(novelty), np.array(refused, np.bool_), otherwise, groups or None)


def joined(kind: str, tallies: Iterable[Tally]) -> Tally:
    """Count the pictures of several kinds as one."""
    parts = list(tallies)
    return Tally(
        kind,
        np.concatenate([part.novelty for part in parts]),
        np.concatenate([part.refused for part in parts]),
        sum((part.otherwise for part in parts), Counter()),
        [group for part in parts for group in part.groups or ()] or None,
    )
