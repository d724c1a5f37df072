"""A ZIP file, read one entry at a time, with every number that it states checked before memory is taken for it.

Names of entries are looked at only to leave out folders and what is no image of the study by its name: what macOS and
Windows add, hidden files, and the index of a DICOM medium.
"""

import io
import re
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from service.batch.limits import BatchLimits, file_too_large, too_many_images
from service.errors import PayloadTooLarge, UnreadableImage, UnsupportedFormat
from service.imaging.damage import unreadable_when_damaged
from service.imaging.signatures import is_zip

_ENCRYPTED = 0x1 | 0x40 | 0x2000
_LOCAL_HEADER_BYTES = 30
_DIRECTORY_BYTES_PER_FILE = 512
_DIRECTORY_ALLOWANCE = 128 * 1024
SKIPPED = re.compile(r"(^|/)(__MACOSX/|\.(?!\.?/)|DICOMDIR$|Thumbs\.db$)|/$")
"""Names of entries that are left out; the page leaves out the same (`service/static/zip.js`)."""
_DEFLATE_OVERHEAD = 64 * 1024
"""What deflate may add to content that does not shrink, generously (RFC 1951 section 3.2.4)."""


class Archive:
    """The files of a ZIP, in the order of its central directory, without those that are SKIPPED."""

    def __init__(self, data: bytes, limits: BatchLimits, max_files: int) -> None:
        """Read the directory.

        Raises UnreadableImage for a damaged or empty ZIP or one whose entries overlap, PayloadTooLarge for more than
        `max_files` files.
        """
        self._limits = limits
        self._window = _Window(data, _DIRECTORY_ALLOWANCE + max_files * _DIRECTORY_BYTES_PER_FILE)
        with unreadable_when_damaged("ZIP file"):
            self._zip = ZipFile(self._window)
            entries = self._zip.infolist()
            self._files = [entry for entry in entries if not SKIPPED.search(entry.filename)]
            if not self._files:
                raise UnreadableImage("The ZIP holds no image. Put the images into it.")
            if len(self._files) > max_files:
                raise too_many_images(limits.max_images)
            _check_disjoint(entries, self._zip.start_dir)
        self._window.widest = len(data)

    def __len__(self) -> int:
        return len(self._files)

    def announced(self, index: int) -> int:
        """Return the size of a file by the directory; `read` takes no more than that."""
        return self._files[index].file_size

    def read(self, index: int) -> bytes:
        """Inflate one file.

        Raises PayloadTooLarge beyond the limit of a file, UnsupportedFormat for an entry that is encrypted, a ZIP
        again, or compressed otherwise than by deflate, UnreadableImage for a damaged one.
        """
        entry = self._files[index]
        _check_entry(entry, self._limits.max_file_bytes)
        with unreadable_when_damaged("ZIP entry"), self._zip.open(entry) as file:
            data = file.read(entry.file_size + 1)
        if len(data) != entry.file_size:
            raise UnreadableImage("The ZIP entry is shorter than the ZIP says. Make the ZIP again.")
        if is_zip(data):
            raise UnsupportedFormat("A ZIP inside a ZIP is not opened. Put the images themselves into one ZIP.")
        return data


class _Window(io.BytesIO):
    """A file in memory of which at most `widest` bytes are read at once; raises OSError beyond.

    `zipfile` reads a directory whole and makes an object of each entry, so a directory of 200 MB would take gigabytes.
    """

    def __init__(self, data: bytes, widest: int) -> None:
        super().__init__(data)
        self._size = len(data)
        self.widest = widest

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(self._size - self.tell(), 0)
        if (left if size is None or size < 0 else min(size, left)) > self.widest:
            raise PayloadTooLarge(
                "The directory of the ZIP is longer than its files need. Send fewer files in one ZIP."
            )
        return super().read(size)


def _check_disjoint(entries: list[ZipInfo], directory: int) -> None:
    """Raise UnreadableImage where entries share bytes, which only bombs do: one stream would count many times."""
    starts = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    ends = [start for start, _ in starts[1:]] + [directory]
    for (start, size), end in zip(starts, ends, strict=True):
        if start < 0 or start + _LOCAL_HEADER_BYTES + size > end:
            raise UnreadableImage("Entries of the ZIP overlap, or lie outside of it. Make the ZIP again.")


def _check_entry(entry: ZipInfo, max_bytes: int) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise UnsupportedFormat("The ZIP entry is encrypted. Make the ZIP without a password.")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise UnsupportedFormat("The ZIP entry is not compressed by deflate. Make the ZIP with the usual compression.")
    if entry.file_size > max_bytes or entry.compress_size > max_bytes + _DEFLATE_OVERHEAD:
        raise file_too_large(max_bytes)
