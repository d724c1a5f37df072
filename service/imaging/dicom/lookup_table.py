"""Look-up tables (PS3.3 sections C.11.1, C.11.2 and C.7.6.3.1.5)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.imaging.dicom.header import Header, unreadable

_MOST_ENTRIES = 1 << 16


@dataclass(frozen=True)
class Descriptor:
    """How many entries a table has, the first value that it maps, and the bits of an entry."""

    entries: int
    first: int
    bits: int


@dataclass(frozen=True)
class LookupTable:
    """Values below `first` get the first entry, those beyond the end the last; `bits` is the depth of an entry."""

    first: int
    entries: NDArray[np.uint16]
    bits: int

    def __call__(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        """Map whole numbers; others are rounded."""
        places = np.rint(values).astype(np.int64) - self.first
        mapped: NDArray[np.uint16] = self.entries[np.clip(places, 0, len(self.entries) - 1)]
        return mapped

    @property
    def top(self) -> int:
        """The greatest value an entry may have; some tables hold more bits than they admit to."""
        return max((1 << self.bits) - 1, int(self.entries.max()))


def read_descriptor(header: Header, keyword: str, signed: bool) -> Descriptor:
    """Read a descriptor; `signed` says whether the values that the table maps may be negative."""
    words = header.words(keyword)
    if len(words) < 3:
        raise unreadable(keyword, "is missing or too short")
    entries, first, bits = (int(word) for word in words[:3])
    if not 8 <= bits <= 16:
        raise unreadable(keyword, f"announces entries of {bits} bits")
    return Descriptor(entries or _MOST_ENTRIES, first - (1 << 16) if signed and first >= 1 << 15 else first, bits)


def read_entries(header: Header, keyword: str, descriptor: Descriptor) -> NDArray[np.uint16]:
    """Read the entries, 16 bits each, or 8 where there are bytes for no more; raises UnreadableImage for too few."""
    words, size = header.words(keyword), len(header.data(keyword))
    if size >= 2 * descriptor.entries:
        return words[: descriptor.entries]
    if size >= descriptor.entries:
        packed = np.frombuffer(header.data(keyword), np.uint8)
        if size % 2 == 0:  # the first of two entries in a word is the less significant byte, whatever the byte order
            packed = words.astype("<u2").view(np.uint8)
        return packed[: descriptor.entries].astype(np.uint16)
    raise unreadable(keyword, f"holds {size} bytes, too few for {descriptor.entries} entries")


def read_table(item: Header, signed: bool) -> LookupTable:
    """Read an item of the Modality LUT or VOI LUT sequence; raises UnreadableImage naming what is wrong with it."""
    descriptor = read_descriptor(item, "LUTDescriptor", signed)
    entries = read_entries(item, "LUTData", descriptor)
    return LookupTable(descriptor.first, entries, descriptor.bits)
