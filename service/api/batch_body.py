"""The files of a batch: the parts of a form, or one raw body."""

import io

from service.api.body import batch_too_large, image_too_large
from service.api.multipart import FRAMING_BYTES, MultipartReader
from service.batch.answering import ReceivedFile
from service.batch.limits import BatchLimits, file_too_large, too_many_images
from service.errors import InvalidRequest, PayloadTooLarge
from service.imaging.signatures import is_zip

FIELD = "files"
_FRAMING_BYTES_PER_FILE = 1024


class RawBatch:
    """One file: a ZIP may have all the bytes of a batch, any other file those of an image."""

    def __init__(self, limits: BatchLimits) -> None:
        self.limit = limits.max_bytes
        self._limits = limits
        self._file = _File(limits)

    def feed(self, chunk: bytes) -> None:
        """Append; raises PayloadTooLarge past the limit."""
        self._file.extend(chunk)
        if self._file.dropped:
            raise image_too_large(self._limits.max_file_bytes)
        if self._file.size > self.limit:
            raise self.too_large()

    def finish(self) -> list[ReceivedFile]:
        """Return the one file."""
        return [self._file.content()]

    def too_large(self) -> PayloadTooLarge:
        """Refuse more bytes than a batch may have."""
        return batch_too_large(self.limit)


class MultipartBatch(MultipartReader[list[ReceivedFile]]):
    """Any number of parts, each named `files`; one that is too large is dropped alone."""

    def __init__(self, boundary: bytes, limits: BatchLimits) -> None:
        framing = FRAMING_BYTES + limits.max_images * _FRAMING_BYTES_PER_FILE
        super().__init__(boundary, FIELD, limits.max_bytes + framing)
        self._limits = limits
        self._files: list[ReceivedFile] = []
        self._current: _File | None = None

    def too_large(self) -> PayloadTooLarge:
        """Refuse more bytes than a batch may have."""
        return batch_too_large(self._limits.max_bytes)

    def _begin(self) -> None:
        self._end()
        if len(self._files) >= self._limits.max_images:
            raise too_many_images(self._limits.max_images)
        self._current = _File(self._limits)

    def _extend(self, data: bytes) -> None:
        assert self._current is not None
        self._current.extend(data)

    def _end(self) -> None:
        if self._current is not None:
            self._files.append(self._current.content())
        self._current = None

    def _content(self) -> list[ReceivedFile]:
        self._end()
        if not self._files:
            raise InvalidRequest(f"The form is empty. Send the images in the field '{FIELD}', once for each.")
        return self._files


class _File:
    """One file while it arrives; what is no ZIP is dropped as soon as it has more bytes than an image may have."""

    def __init__(self, limits: BatchLimits) -> None:
        self._limits = limits
        self._bytes = io.BytesIO()
        self.dropped = False

    @property
    def size(self) -> int:
        return self._bytes.tell()

    def extend(self, data: bytes) -> None:
        if self.dropped:
            return
        self._bytes.write(data)
        if self.size > self._limits.max_file_bytes and not is_zip(bytes(self._bytes.getbuffer()[:4])):
            self.dropped, self._bytes = True, io.BytesIO()

    def content(self) -> ReceivedFile:
        return file_too_large(self._limits.max_file_bytes) if self.dropped else self._bytes.getvalue()
