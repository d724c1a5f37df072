"""Palettes written as segments (PS3.3 section C.7.9.2)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.imaging.dicom.header import unreadable

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
MOST_BYTES = 4 * 65_536
"""More than a table of 65,536 entries of 16 bits has reason for, written as segments."""


def expand_segments(units: Sequence[int], bits: int, entries: int, keyword: str) -> NDArray[np.uint16]:
    """Return the table of `entries` that segments of units of 8 or 16 bits stand for.

    Raises UnreadableImage for segments that give fewer entries or are no segments.
    """
    table: list[int] = []
    try:
        _expand(units, bits, entries, table)
    except IndexError as error:
        raise unreadable(keyword, "is not made of whole segments") from error
    if len(table) < entries:
        raise unreadable(keyword, f"gives {len(table)} of {entries} entries")
    return np.array(table[:entries], dtype=np.uint16)


def _expand(units: Sequence[int], bits: int, entries: int, table: list[int]) -> None:
    place = 0
    while place + 1 < len(units) and len(table) < entries:
        if units[place] == _INDIRECT:
            start, after = _offset(units, place + 2, bits)
            if not units[place + 1]:
                raise IndexError(place)
            for _ in range(units[place + 1]):
                if len(table) < entries:
                    start = _segment(units, start, table)
            place = after
        else:
            place = _segment(units, place, table)


def _segment(units: Sequence[int], place: int, table: list[int]) -> int:
    """Append a segment that is not indirect and return the place after it."""
    kind, length = units[place], units[place + 1]
    if not length:  # repeated by an indirect segment, it would cost time and never fill the table
        raise IndexError(place)
    if kind == _DISCRETE:
        table += units[place + 2 : place + 2 + length]
        return place + 2 + length
    if kind == _LINEAR:
        start, end = table[-1], units[place + 2]
        table += [round(start + (end - start) * (step + 1) / length) for step in range(length)]
        return place + 3
    raise IndexError(kind)


def _offset(units: Sequence[int], place: int, bits: int) -> tuple[int, int]:
    """Return the unit that a byte offset of 32 bits points to, and the place after the offset."""
    count = 32 // bits
    offset = sum(unit << (bits * index) for index, unit in enumerate(units[place : place + count]))
    return offset * 8 // bits, place + count
