"""Whether a probability means what it says: of the answers given with 80 %, are 80 % right?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, log_loss

from trainer.evaluation.bootstrap import Floats

BINS = 15
_SIMULATIONS = 200


def calibration(probabilities: Floats, truth: NDArray[np.int64], temperature: float | None) -> dict[str, Any]:
    """Return the quality of calibrated `probabilities` `[N, K]` and of those before the temperature.

    `before` is None when the temperature is not known. `brier_of_class_frequencies` is the control: the Brier score of
    answering every image with the frequencies of the classes.
    """
    frequencies = np.bincount(truth, minlength=probabilities.shape[1]) / len(truth)
    return {
        "method": f"expected calibration error of the top class over {BINS} bins of equally many images",
        "temperature": temperature,
        "after": _quality(probabilities, truth),
        "before": None if temperature is None else _quality(untempered(probabilities, temperature), truth),
        "brier_of_class_frequencies": float(1 - (frequencies**2).sum()),
    }


def untempered(probabilities: Floats, temperature: float) -> Floats:
    """Return `[N, K]` as the network gives them before it divides the logits by `temperature`.

    Softmax of `z / T` is proportional to `exp(z)` to the power `1 / T`; so its power `T`, normalised, is that of `z`.
    """
    logs = temperature * np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def expected_calibration_error(confidence: Floats, hits: NDArray[np.bool_]) -> Floats:
    """Return the mean over bins, weighted by images, of |accuracy - mean confidence| (Naeini et al. 2015).

    `confidence` is `[N]`; `hits` is `[..., N]`, and the result has the shape of what stands before N.
    """
    order, starts = _bins(confidence)
    surplus = np.add.reduceat(hits[..., order] - confidence[order], starts, axis=-1)
    return np.asarray(np.abs(surplus).sum(axis=-1) / len(confidence))


def reliability(confidence: Floats, hits: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Return confidence, accuracy and image count of each of `BINS` bins of equally many images, in rising order."""
    order, starts = _bins(confidence)
    return [
        {"confidence": float(confidence[rows].mean()), "accuracy": float(hits[rows].mean()), "images": len(rows)}
        for rows in np.split(order, starts[1:])
    ]


def _bins(confidence: Floats) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the images in rising order of confidence and the place in it where each bin starts."""
    count = min(BINS, len(confidence))
    return np.argsort(confidence, kind="stable"), np.arange(count) * len(confidence) // count


def _quality(probabilities: Floats, truth: NDArray[np.int64]) -> dict[str, Any]:
    classes = list(range(probabilities.shape[1]))
    confidence, hits = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    one_hot = np.eye(len(classes))[truth]
    return {
        "ece": float(expected_calibration_error(confidence, hits)),
        "ece_if_perfect": _chance_error(confidence),
        "brier": float(brier_score_loss(one_hot, probabilities, scale_by_half=False)),
        "log_loss": float(log_loss(truth, probabilities, labels=classes)),
        "reliability": reliability(confidence, hits),
    }


def _chance_error(confidence: Floats) -> float:
    """Return the error that a perfectly calibrated model shows on so few images: the mean of seeded simulations."""
    drawn = np.random.default_rng(0).random((_SIMULATIONS, len(confidence))) < confidence
    return float(expected_calibration_error(confidence, drawn).mean())
