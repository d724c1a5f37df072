"""Binary morphology with a square structuring element. The edge of the picture eats and attracts nothing."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def opened(mask: Mask, radius: int) -> Mask:
    """Return bool `[h, w]` without what is narrower than 2 `radius` + 1 pixels."""
    return dilated(eroded(mask, radius), radius)


def closed(mask: Mask, radius: int) -> Mask:
    """Return bool `[h, w]` with gaps of up to 2 `radius` pixels filled, except gaps at the edge of the picture."""
    span = 2 * radius + 1
    grown = _any_of_squares(_framed(mask, 2 * radius), span)
    return ~_any_of_squares(~grown, span)


def dilated(mask: Mask, radius: int) -> Mask:
    """Return bool `[h, w]` grown by `radius` pixels."""
    return _any_of_squares(_framed(mask, radius), 2 * radius + 1)


def eroded(mask: Mask, radius: int) -> Mask:
    """Return bool `[h, w]` shrunk by `radius` pixels, except along the edges of the picture."""
    return ~dilated(~mask, radius)


def _framed(mask: Mask, width: int) -> Mask:
    """Return the mask in the middle of a frame of false pixels."""
    framed = np.zeros([edge + 2 * width for edge in mask.shape], bool)
    framed[width : width + mask.shape[0], width : width + mask.shape[1]] = mask
    return framed


def _any_of_squares(mask: Mask, span: int) -> Mask:
    """Return for each square of `span` pixels that fits into the mask whether any of its pixels is true."""
    return _any_of_rows(_any_of_rows(mask, span).T, span).T


def _any_of_rows(mask: Mask, span: int) -> Mask:
    """Return the union of each row with the `span` - 1 rows below it, reached in steps that double."""
    reach = 1
    while reach < span:
        step = min(reach, span - reach)
        mask = mask[:-step] | mask[step:]
        reach += step
    return mask
