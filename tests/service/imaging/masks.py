"""Masks to try morphology and components on: noise, and what noise hardly ever is."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

_NOISE = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans())


@st.composite
def _coarse(draw: st.DrawFn) -> np.ndarray:
    """Patches of up to 6 pixels: pieces large enough to outlive an opening."""
    patches = draw(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.booleans()))
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    return np.kron(patches, np.ones((height, width), bool))


@st.composite
def _thin(draw: st.DrawFn) -> np.ndarray:
    """A row or a column."""
    line = draw(arrays(bool, st.integers(1, 40), elements=st.booleans()))
    return line[None] if draw(st.booleans()) else line[:, None]


@st.composite
def _even(draw: st.DrawFn) -> np.ndarray:
    """All false, all true, or all but one pixel."""
    height, width = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    mask = np.full((height, width), draw(st.booleans()))
    if draw(st.booleans()):
        mask[draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))] ^= True
    return mask


@st.composite
def _woven(draw: st.DrawFn) -> np.ndarray:
    """Columns and rows that meet, or a chessboard: as many runs as there can be, joined late or never."""
    rows, columns = np.indices((draw(st.integers(1, 20)), draw(st.integers(1, 20))))
    across, down = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    return (rows % down == 0) ^ (columns % across == 0) if draw(st.booleans()) else (rows + columns) % across == 0


MASKS = st.one_of(_NOISE, _coarse(), _thin(), _even(), _woven())
