"""Binary morphology with a square structuring element. The edge of the picture eats and attracts nothing."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def opened(mask: Mask, radius: int) -> Mask:
    """Return bool `[h, w]` without what is narrower than 2 `radius` + 1 pixels."""
    return dilated(eroded(mask, radius), radius)


def closed(mask: Mask, radius: int) -> Mask:
    """Return bool `[h, w]` with gaps of up to 2 `radius` pixels filled, except gaps at the edge of the picture."""
    height, width = mask.shape
    roomy = eroded(dilated(np.pad(mask, 2 * radius), radius), radius)
    return roomy[2 * radius : 2 * radius + height, 2 * radius : 2 * radius + width]


def dilated(mask: Mask, radius: int) -> Mask:
    """Return bool `[h, w]` grown by `radius` pixels."""
    height, width = mask.shape
    padded = np.pad(mask, radius)
    tall = np.logical_or.reduce([padded[shift : shift + height] for shift in range(2 * radius + 1)])
    return np.asarray(np.logical_or.reduce([tall[:, shift : shift + width] for shift in range(2 * radius + 1)]))


def eroded(mask: Mask, radius: int) -> Mask:
    """Return bool `[h, w]` shrunk by `radius` pixels, except along the edges of the picture."""
    return ~dilated(~mask, radius)
