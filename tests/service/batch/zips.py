"""ZIP files, honest ones and others."""

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from zipfile import ZIP_DEFLATED, ZipFile

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def zipped(*files: bytes, name: str = "{}.png", compression: int = ZIP_DEFLATED) -> bytes:
    """Return a ZIP of `files`, in their order."""
    made = io.BytesIO()
    with ZipFile(made, "w", compression) as archive:
        for number, data in enumerate(files):
            archive.writestr(name.format(number), data)
    return made.getvalue()


@dataclass(frozen=True)
class Entry:
    """One entry, with what its headers say of it; None says the truth."""

    data: bytes
    name: bytes = b"a.png"
    method: int = 8
    flags: int = 0
    file_size: int | None = None
    compress_size: int | None = None
    offset: int | None = None
    crc: int | None = None

    @cached_property
    def stored(self) -> bytes:
        return raw_deflate(self.data) if self.method == 8 else self.data

    def fields(self) -> bytes:
        """Return what both headers share, from the flags to the length of the name."""
        size = len(self.data) if self.file_size is None else self.file_size
        packed = len(self.stored) if self.compress_size is None else self.compress_size
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        return struct.pack("<HHHHIIIHH", self.flags, self.method, 0, 33, crc, packed, size, len(self.name), 0)


def forged(entries: Sequence[Entry], **end: int) -> bytes:
    """Return a ZIP of entries that may lie; `end` overrides `count`, `size` or `offset` of the directory's end."""
    body, directory = bytearray(), bytearray()
    for entry in entries:
        offset = len(body) if entry.offset is None else entry.offset
        directory += CENTRAL + struct.pack("<HH", 20, 20) + entry.fields()
        directory += struct.pack("<HHHII", 0, 0, 0, 0, offset) + entry.name
        if entry.offset is None:
            body += LOCAL + struct.pack("<H", 20) + entry.fields() + entry.name + entry.stored
    count, size, offset = end.get("count", len(entries)), end.get("size", len(directory)), end.get("offset", len(body))
    return (
        bytes(body + directory) + END + struct.pack("<HHHHIIH", 0, 0, count & 0xFFFF, count & 0xFFFF, size, offset, 0)
    )


def raw_deflate(data: bytes) -> bytes:
    """Deflate without a header (RFC 1951)."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()
