"""Change files at random, reproducibly: what a byte-mutating fuzzer does."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

_LENGTHS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_MOST_EDITS = 4
Change = Callable[["Mutator", bytes], bytes]


@dataclass(frozen=True)
class Mutant:
    """A changed file; `origin` and `number` say which, and make it again."""

    number: int
    origin: str
    data: bytes


class Mutator:
    """Changes the files of a corpus; the same seed gives the same mutants."""

    def __init__(self, corpus: Mapping[str, bytes], seed: int) -> None:
        self._corpus = corpus
        self._names = sorted(corpus)
        self._random = random.Random(seed)

    def mutants(self) -> Iterator[Mutant]:
        """Yield mutants without end, of all files in turn."""
        number = 0
        while True:
            for name in self._names:
                yield Mutant(number, name, self._changed(self._corpus[name]))
                number += 1

    def _changed(self, data: bytes) -> bytes:
        for _ in range(self._random.randint(1, _MOST_EDITS)):
            data = self._random.choice(_CHANGES)(self, data)
        return data

    def place(self, data: bytes) -> int:
        """Return an index; half of them in the first kilobyte, where headers are."""
        end = min(len(data), 1024) if self._random.random() < 0.5 else len(data)
        return self._random.randrange(max(end, 1))

    def flip_bits(self, data: bytes) -> bytes:
        """Flip up to eight bits."""
        changed = bytearray(data)
        for _ in range(self._random.randint(1, 8) if data else 0):
            changed[self.place(data)] ^= 1 << self._random.randrange(8)
        return bytes(changed)

    def set_bytes(self, data: bytes) -> bytes:
        """Replace a few bytes by random ones."""
        place, count = self.place(data), self._random.randint(1, 8)
        return data[:place] + self._random.randbytes(count) + data[place + count :]

    def truncate(self, data: bytes) -> bytes:
        """Cut the end off."""
        return data[: self.place(data)]

    def remove(self, data: bytes) -> bytes:
        """Take a piece out."""
        place = self.place(data)
        return data[:place] + data[place + self._random.randint(1, 64) :]

    def repeat(self, data: bytes) -> bytes:
        """Write a piece once more."""
        place = self.place(data)
        end = place + self._random.randint(1, 256)
        return data[:end] + data[place:]

    def splice(self, data: bytes) -> bytes:
        """Go on with the rest of another file."""
        other = self._corpus[self._random.choice(self._names)]
        return data[: self.place(data)] + other[self.place(other) :]

    def set_length(self, data: bytes) -> bytes:
        """Put a number at a limit where one of 1, 2 or 4 bytes may stand."""
        place, width = self.place(data), self._random.choice((1, 2, 4))
        value = self._random.choice(_LENGTHS) & (256**width - 1)
        return data[:place] + value.to_bytes(width, self._random.choice(("little", "big"))) + data[place + width :]


_CHANGES: tuple[Change, ...] = (
    Mutator.flip_bits,
    Mutator.set_bytes,
    Mutator.truncate,
    Mutator.remove,
    Mutator.repeat,
    Mutator.splice,
    Mutator.set_length,
    Mutator.set_length,
)
