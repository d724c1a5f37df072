"""How far a feature vector lies from those of the training images.

Mahalanobis distance under probabilistic PCA (Tipping and Bishop 1999): the leading components keep their own variance,
all others share one, so that directions which the training images do not use count too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

Floats = NDArray[np.float64]
FALSE_REFUSALS = 0.01


@dataclass(frozen=True)
class NoveltyModel:
    """`mean` `[F]`, `components` `[F, D]`, `variances` `[D]`, the shared `residual_variance`, and the `threshold`."""

    mean: Floats
    components: Floats
    variances: Floats
    residual_variance: float
    threshold: float = 1.0

    def distance(self, features: Floats) -> Floats:
        """Return `[N]` for features `[N, F]`; 1.0 is the threshold."""
        centred = features - self.mean
        projected = centred @ self.components
        inside = (projected**2 / self.variances).sum(axis=1)
        outside = np.maximum((centred**2).sum(axis=1) - (projected**2).sum(axis=1), 0) / self.residual_variance
        return np.asarray(np.sqrt(inside + outside) / self.threshold)


def fit_novelty(train: Floats, held_out: Floats, components: int = 64) -> NoveltyModel:
    """Fit on training features `[N, F]`; the threshold refuses `FALSE_REFUSALS` of the held-out ones."""
    count = min(components, train.shape[0] - 2, train.shape[1] - 1)
    pca = PCA(count, svd_solver="full").fit(train)
    floor = max(1e-6, 1e-6 * float(pca.explained_variance_[0]))
    model = NoveltyModel(
        mean=pca.mean_,
        components=pca.components_.T,
        variances=np.maximum(pca.explained_variance_, floor),
        residual_variance=max(float(pca.noise_variance_), floor),
    )
    threshold = float(np.quantile(model.distance(held_out), 1 - FALSE_REFUSALS))
    return NoveltyModel(model.mean, model.components, model.variances, model.residual_variance, threshold)
