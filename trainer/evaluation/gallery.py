"""The most confident errors, with the heat maps that led to them: where to look for wrong labels and shortcuts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from service.imaging import decode, visible_region
from service.imaging.overlay import data_uri, overlay_png
from trainer.evaluation.outcomes import Outcomes

SHOWN = 12
_EDGE = 256


@dataclass(frozen=True)
class Case:
    """One wrong answer; `picture` and `overlay` are `data:` URIs of PNGs without and with the heat map."""

    file: str
    source: str
    label: str
    answer: str
    probability: float
    refused_as_novel: bool
    picture: str
    overlay: str


def confident_errors(outcomes: Outcomes, count: int = SHOWN) -> Iterator[Case]:
    """Yield the wrong answers of the highest probability that have a heat map, the worst first."""
    wrong = [row for row in np.argsort(-outcomes.confidence, kind="stable") if not outcomes.hits[row]]
    for row in wrong[:count]:
        sample, result = outcomes.samples[row], outcomes.results[row]
        if result.heatmap is None:
            continue
        decoded = decode(sample.path.read_bytes())
        region = visible_region(decoded, outcomes.card.preprocess)
        picture = decoded.image
        picture.thumbnail((_EDGE, _EDGE))
        yield Case(
            file=sample.path.name,
            source=sample.source,
            label=sample.label,
            answer=result.label,
            probability=result.probability,
            refused_as_novel=not result.in_distribution,
            picture=data_uri(overlay_png(picture, np.zeros_like(result.heatmap))),
            overlay=data_uri(overlay_png(picture, result.heatmap, region)),
        )
