"""Bytes that cannot be used to keep a parser busy."""

import io

_ALLOWANCE = 100_000
_BYTES_PER_READ = 32


class BoundedBytes(io.BytesIO):
    """A file in memory that raises OSError once it has been read in too many small pieces.

    Pillow reads a JPEG segment by segment, a PNG chunk by chunk, a GIF block by block. A file of nothing but empty
    segments takes it a microsecond for each byte, so that 20 MB would occupy a worker for half a minute.
    """

    def __init__(self, data: bytes, sent: int | None = None) -> None:
        """Allow 100,000 reads, and one more for every 32 bytes of the `sent` ones that `data` were inflated from."""
        super().__init__(data)
        self._reads_left = _ALLOWANCE + (len(data) if sent is None else sent) // _BYTES_PER_READ

    def read(self, size: int | None = -1, /) -> bytes:
        """Read like BytesIO."""
        self._reads_left -= 1
        if self._reads_left < 0:
            raise OSError("the file is cut into too many small pieces")
        return super().read(size)
