"""How far a feature vector lies from those of the training images.

Mahalanobis distance of standardised features under probabilistic PCA (Tipping and Bishop 1999): the leading components
keep their own variance, all others share one, so that directions which the training images do not use count too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

Floats = NDArray[np.float64]
FALSE_REFUSALS = 0.02


@dataclass(frozen=True)
class NoveltyModel:
    """`mean` `[F]`, `scale` `[F]`, `components` `[F, D]`, `variances` `[D]`, `residual_variance` and `threshold`."""

    mean: Floats
    scale: Floats
    components: Floats
    variances: Floats
    residual_variance: float
    threshold: float = 1.0

    def distance(self, features: Floats) -> Floats:
        """Return `[N]` for features `[N, F]`; 1.0 is the threshold."""
        centred = (features - self.mean) / self.scale
        projected = centred @ self.components
        inside = (projected**2 / self.variances).sum(axis=1)
        outside = np.maximum((centred**2).sum(axis=1) - (projected**2).sum(axis=1), 0) / self.residual_variance
        return np.asarray(np.sqrt(inside + outside) / self.threshold)


def fit_novelty(
    train: Floats, held_out: Floats, components: int = 64, sources: Sequence[str] | None = None
) -> NoveltyModel:
    """Fit on training features `[N, F]`; the threshold refuses `FALSE_REFUSALS` of the held-out ones.

    With `sources`, one for each held-out image, that is the most of any source with at least 1 / `FALSE_REFUSALS`
    images: else the many images of one scanner would set a threshold at which the mixed images of another are refused.
    """
    count = max(1, min(components, train.shape[0] - 2, train.shape[1] - 1))
    mean, scale = train.mean(axis=0), train.std(axis=0) + 1e-6
    with np.errstate(invalid="ignore"):  # features that are all the same have no variance to be explained
        pca = PCA(count, svd_solver="full").fit((train - mean) / scale)
    floor = max(1e-6, 1e-6 * float(pca.explained_variance_[0]))
    model = NoveltyModel(
        mean=mean,
        scale=scale,
        components=pca.components_.T,
        variances=np.maximum(pca.explained_variance_, floor),
        residual_variance=max(float(pca.noise_variance_), floor),
    )
    threshold = _threshold(model.distance(held_out), sources or ["all"] * len(held_out))
    return replace(model, threshold=max(threshold, 1e-6))


def _threshold(distances: Floats, sources: Sequence[str]) -> float:
    """Return the highest quantile of the sources with enough images for one, and of all together."""
    names = np.asarray(sources)
    parts = [distances[names == name] for name in np.unique(names)]
    quantiles = [np.quantile(part, 1 - FALSE_REFUSALS) for part in parts if len(part) * FALSE_REFUSALS >= 1]
    return float(max([np.quantile(distances, 1 - FALSE_REFUSALS), *quantiles]))
