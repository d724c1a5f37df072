"""Temperature, prediction sets and abstention, all fitted on validation images."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax

Floats = NDArray[np.float64]
COVERAGE = 0.95
"""Share of the images whose prediction set is to hold the true class."""


def probabilities_of(logits: Floats, temperature: float) -> Floats:
    """Return `[N, K]` for logits `[N, K]`, or `[N, 2]` for a single sigmoid logit `[N, 1]`."""
    scaled = logits / temperature
    if logits.shape[1] == 1:
        positive = expit(scaled[:, 0])
        return np.stack([1 - positive, positive], axis=1)
    return np.asarray(np.exp(log_softmax(scaled, axis=1)))


def negative_log_likelihood(logits: Floats, labels: NDArray[np.int64], temperature: float) -> float:
    """Return the mean of -log p(label) in nats."""
    own = probabilities_of(logits, temperature)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(own, 1e-12)).mean())


def fit_temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    """Return the T in 0.05..20 that minimises the negative log likelihood (Guo et al. 2017, temperature scaling)."""
    best = minimize_scalar(
        lambda log_temperature: negative_log_likelihood(logits, labels, math.exp(log_temperature)),
        bounds=(math.log(0.05), math.log(20)),
        method="bounded",
    )
    temperature: float = math.exp(best.x)
    return temperature


def conformal_threshold(probabilities: Floats, labels: NDArray[np.int64], coverage: float = COVERAGE) -> float:
    """Return the least probability of a class in the prediction set (split conformal, Sadinle et al. 2019: LAC)."""
    own = np.sort(probabilities[np.arange(len(labels)), labels])
    rank = math.floor((len(labels) + 1) * (1 - coverage))
    return float(own[rank - 1]) if rank >= 1 else 0.0


def abstention_threshold(probabilities: Floats, labels: NDArray[np.int64], risk: float = 0.02) -> float:
    """Return the least top probability from which the answers given are wrong at most at the rate `risk`.

    Never below 1 / K; if no threshold reaches the risk, the one with the lowest.
    """
    top = probabilities.max(axis=1)
    order = np.argsort(-top, kind="stable")
    wrong = probabilities.argmax(axis=1)[order] != labels[order]
    rates = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    rates[:-1][np.diff(top[order]) == 0] = np.inf  # a threshold cannot part equal probabilities
    within = np.nonzero(rates <= risk)[0]
    last = int(within[-1]) if len(within) else int(rates.argmin())
    if last == len(order) - 1:
        return float(1 / probabilities.shape[1])
    return float(top[order[last]])
