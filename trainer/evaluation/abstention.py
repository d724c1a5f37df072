"""What is gained by not answering: the risk of the answers given against the share of images that get one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.bootstrap import Floats
from trainer.evaluation.thinning import thin


def abstention(confidence: Floats, hits: NDArray[np.bool_], decided: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the risk-coverage curve (Geifman and El-Yaniv 2017), its area and the point of the card's threshold.

    Area controls: `aurc_random` answers images in any order, `aurc_ideal` leaves every wrong answer to the end.
    """
    coverage, risk = risk_coverage(confidence, hits)
    count, wrong = len(hits), int((~hits).sum())
    kept = np.arange(1, count + 1)
    return {
        "coverage": thin(coverage),
        "risk": thin(risk),
        "aurc": float(np.dot(risk, np.diff(coverage, prepend=0.0))),
        "aurc_random": wrong / count,
        "aurc_ideal": float((np.maximum(kept - (count - wrong), 0) / kept).mean()),
        "at_threshold": {
            "coverage": float(decided.mean()),
            "risk": float((~hits)[decided].mean()) if decided.any() else None,
        },
    }


def risk_coverage(confidence: Floats, hits: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return coverage and risk of giving only answers of at least some confidence, for each confidence there is."""
    order = np.argsort(-confidence, kind="stable")
    ends = np.append(np.nonzero(np.diff(confidence[order]))[0], len(order) - 1)
    answered = ends + 1.0
    return answered / len(order), np.cumsum(~hits[order])[ends] / answered
