"""The size that a compressed frame announces in its own header, before a decoder believes it.

A decoder allocates what the codestream asks for, which may be more than the data set says. So both must agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import UnreadableImage
from service.imaging.dicom.tags import label

_SOI = b"\xff\xd8"
_START_OF_SCAN = 0xDA
_APP0, _APP14 = 0xE0, 0xEE
_BARE_MARKERS = (0x01, *range(0xD0, 0xD9))
_MOST_SEGMENTS = 1000
_MOST_SCANS = 16
"""A scan of a few bytes keeps the decoder busy for all the pixels; colour by plane takes three."""


@dataclass(frozen=True)
class Codestream:
    """What the header of a codestream announces; `signed` is known of JPEG 2000 only.

    `transformed` says whether the markers of a JPEG tell that its colours are YCbCr, None where they tell nothing.
    """

    rows: int
    columns: int
    samples: int
    precision: int
    signed: bool = False
    transformed: bool | None = None


def check_agreement(codestream: Codestream, rows: int, columns: int, samples: int) -> None:
    """Raise UnreadableImage where the codestream is not as large as the data set says."""
    said = f"{codestream.columns} x {codestream.rows} pixels of {codestream.samples} samples"
    if (codestream.rows, codestream.columns, codestream.samples) != (rows, columns, samples):
        raise damaged(f"announces {said}, the header {columns} x {rows} of {samples}")


def damaged(why: str) -> UnreadableImage:
    """Return the problem of a frame whose codestream is not what it should be."""
    return UnreadableImage(f"A compressed frame in {label('PixelData')} {why}. Have the archive send it uncompressed.")


def read_jpeg_header(frame: bytes, kinds: tuple[int, ...]) -> Codestream:
    """Read the header of a JPEG (ITU-T T.81 annex B) or JPEG-LS (T.87 annex C) codestream.

    `kinds` are the second bytes of the start-of-frame markers that are allowed. Raises UnreadableImage for another
    kind, more scans than there can be, and parameters of a sequential scan that T.81 table B.3 forbids.
    """
    transformed, found = None, None
    for marker, segment in _segments(frame):
        if marker == _APP0 and segment.startswith(b"JFIF\0"):
            transformed = True
        elif marker == _APP14 and segment.startswith(b"Adobe") and len(segment) > 11:
            transformed = segment[11] != 0
        elif marker in kinds and len(segment) > 5:
            found = segment
        elif marker == _START_OF_SCAN:
            break
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            raise damaged(f"is a kind of JPEG (start of frame {marker:02X}) that its transfer syntax excludes")
    if found is None:
        raise damaged("has no header that can be read")
    if frame.count(bytes((0xFF, _START_OF_SCAN))) > _MOST_SCANS:
        raise damaged(f"is cut into more than {_MOST_SCANS} scans")
    rows, columns = int.from_bytes(found[1:3]), int.from_bytes(found[3:5])
    return Codestream(rows, columns, found[5], found[0], transformed=_says_ybr(transformed, found))


def check_sequential_scan(frame: bytes) -> None:
    """Raise UnreadableImage unless the first scan covers the coefficients 0 to 63, as a sequential one must."""
    for marker, segment in _segments(frame):
        if marker == _START_OF_SCAN:
            if segment[-3:] != b"\x00\x3f\x00":
                raise damaged("has a scan header that ITU-T T.81 table B.3 forbids for a sequential JPEG")
            return


def _says_ybr(transformed: bool | None, frame_header: bytes) -> bool | None:
    """Component identifiers that spell RGB count as a marker, too."""
    identifiers = bytes(frame_header[6:15:3])
    return False if identifiers in (b"RGB", b"rgb") else transformed


def _segments(frame: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the second byte of each marker and its segment up to the first scan; stops where there is no marker."""
    place = 2 if frame.startswith(_SOI) else len(frame)
    for _ in range(_MOST_SEGMENTS):
        while frame[place : place + 2] == b"\xff\xff":
            place += 1
        if place + 4 > len(frame) or frame[place] != 0xFF:
            return
        marker = frame[place + 1]
        length = 0 if marker in _BARE_MARKERS else int.from_bytes(frame[place + 2 : place + 4])
        yield marker, frame[place + 4 : place + 2 + length]
        if marker == _START_OF_SCAN:
            return
        place += 2 + length
