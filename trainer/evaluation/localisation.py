"""The pointing game (Zhang et al. 2018): does the hottest place of the heat map lie on the tumour?

Everything happens in the square frame of the model's input, edge S, which may show a crop of the picture. The peak is
the centre of the hottest cell of the heat map; it is known to half a cell only, so a peak counts as a hit up to half a
cell away from the mask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from service.errors import ProblemError
from service.imaging import decode, preprocess, visible_region
from trainer.data.mask_cache import mask_in_frame
from trainer.errors import DataError
from trainer.evaluation.bootstrap import share_interval
from trainer.evaluation.outcomes import Outcomes

_BRAIN = 0.1
"""A pixel shows the head when it is brighter than this share of the brightest (99th percentile)."""


@dataclass(frozen=True)
class Pointing:
    """The game on every image with a tumour outline: `rows` are the images' places among the outcomes.

    `peak` and `centre` say whether the heat map's peak and the middle of the picture hit, `chance` how likely a random
    pixel of the head does. `unreadable` counts masks that cannot be read or are not white on black.
    """

    rows: NDArray[np.int64]
    peak: NDArray[np.bool_]
    centre: NDArray[np.bool_]
    chance: NDArray[np.float64]
    unreadable: int


def play(outcomes: Outcomes) -> Pointing:
    """Play the game on every image that has a heat map and a mask that is not empty."""
    rounds: list[tuple[int, bool, bool, float]] = []
    unreadable = 0
    for row, (sample, result) in enumerate(zip(outcomes.samples, outcomes.results, strict=True)):
        if sample.mask is None or result.heatmap is None:
            continue
        try:
            spec = outcomes.card.preprocess
            picture = decode(sample.path.read_bytes(), target=spec.size)
            mask = mask_in_frame(sample.mask, visible_region(picture, spec), spec.size)
            pixels = preprocess(picture, spec)
        except (ProblemError, OSError, DataError):
            unreadable += 1
            continue
        if mask.any():
            rounds.append((row, *one_round(result.heatmap, mask, pixels.mean(axis=2))))
    rows, peak, centre, chance = zip(*rounds, strict=True) if rounds else ((), (), (), ())
    return Pointing(
        np.array(rows, np.int64), np.array(peak, bool), np.array(centre, bool), np.array(chance, float), unreadable
    )


def one_round(
    heatmap: NDArray[np.float32], mask: NDArray[np.bool_], grey: NDArray[np.float64]
) -> tuple[bool, bool, float]:
    """Return whether the peak of `heatmap` `[h, w]` hits `mask` `[S, S]`, whether the centre does, and the chance.

    The chance is the share of the pixels of the head, in the picture `grey` `[S, S]`, that would be a hit.
    """
    size, (height, width) = len(mask), heatmap.shape
    near = distance_transform_edt(~mask) <= size / (2 * max(height, width))
    row, column = np.unravel_index(int(heatmap.argmax()), heatmap.shape)
    peak = near[int((row + 0.5) * size / height), int((column + 0.5) * size / width)]
    head = grey > _BRAIN * np.percentile(grey, 99)
    return bool(peak), bool(near[size // 2, size // 2]), float(near[head].mean()) if head.any() else 0.0


def localisation(pointing: Pointing, outcomes: Outcomes, rows: Sequence[int]) -> dict[str, Any] | None:
    """Return the share of hits among the images `rows` of all `outcomes`, with its controls; None without masks."""
    own = np.isin(pointing.rows, rows)
    if not own.any():
        return None
    correct = own & outcomes.hits[pointing.rows]
    return {
        "peak": "centre of the hottest cell of the heat map of the answer; a hit within half a cell of the mask",
        "all_with_a_mask": _share(pointing, outcomes, own),
        "correctly_classified": _share(pointing, outcomes, correct) if correct.any() else None,
    }


def _share(pointing: Pointing, outcomes: Outcomes, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    groups = [outcomes.groups[row] for row in pointing.rows[chosen]]
    return {
        "images": int(chosen.sum()),
        "peak_hits": float(pointing.peak[chosen].mean()),
        "peak_hits_95ci": share_interval(pointing.peak[chosen], None, groups),
        "control_centre_of_the_picture": float(pointing.centre[chosen].mean()),
        "control_random_pixel_of_the_head": float(pointing.chance[chosen].mean()),
    }
