"""The window that says how dark and bright are meant (PS3.3 section C.11.2.1.2 and C.11.2.1.3)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.imaging.eight_bit import scaled

LINEAR, LINEAR_EXACT, SIGMOID = "LINEAR", "LINEAR_EXACT", "SIGMOID"


@dataclass(frozen=True)
class Window:
    """Centre and width in the units that the modality transformation gives."""

    centre: float
    width: float
    function: str = LINEAR

    @property
    def valid(self) -> bool:
        """Whether the standard gives it a meaning: a width of at least 1 for LINEAR, above 0 for the others."""
        return self.width >= 1 if self.function == LINEAR else self.width > 0

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Return 0..255."""
        if self.function == SIGMOID:
            with np.errstate(over="ignore"):
                return np.rint(255.0 / (1.0 + np.exp(-4.0 * (values - self.centre) / self.width))).astype(np.uint8)
        exact = self.function == LINEAR_EXACT
        centre, width = (self.centre, self.width) if exact else (self.centre - 0.5, self.width - 1.0)
        low, high = centre - width / 2, centre + width / 2
        return scaled(values, low, high) if high > low else np.where(values > low, 255, 0).astype(np.uint8)
