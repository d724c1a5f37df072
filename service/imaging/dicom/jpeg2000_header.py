"""The header of a JPEG 2000 codestream (ISO/IEC 15444-1 annex A), read for what would exhaust a decoder.

A few hundred bytes can announce a million precincts or tiles, each of which costs a decoder hundreds of bytes to
kilobytes: 491 bytes have taken OpenJPEG 2.5.4 2.2 GB.
"""

from collections.abc import Iterator

from service.imaging.dicom.codestream import Codestream, damaged

_SOC, _SIZ, _COD, _COC, _SOT, _SOD = 0xFF4F, 0xFF51, 0xFF52, 0xFF53, 0xFF90, 0xFF93
_OTHERS = (0xFF50, 0xFF55, 0xFF57, 0xFF58, 0xFF59, 0xFF5C, 0xFF5D, 0xFF5E, 0xFF5F, 0xFF60, 0xFF61, 0xFF63, 0xFF64)
"""CAP, TLM, PLM, PLT, CPF, QCD, QCC, RGN, POC, PPM, PPT, CRG, COM: markers with a length. A decoder may step over any
other as it likes, and so see what is not seen here."""
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
_OWN_PRECINCTS = 0x01
_MOST_TILES = 4096
_MOST_PRECINCTS = 65_536
_MOST_BLOCKS = 500_000
_MOST_SEGMENTS = 10_000


def bare_codestream(frame: bytes) -> bytes:
    """Return the codestream without the boxes of a JP2 file, in which some writers leave it against PS3.5."""
    return frame[frame.find(b"jp2c") + 4 :] if frame.startswith(_JP2_SIGNATURE) else frame


def read_jpeg2000_header(frame: bytes) -> Codestream:
    """Return what a bare codestream announces (15444-1 A.5.1); raises UnreadableImage where it has no header."""
    size = _size_segment(frame)
    columns, rows = _edge(size, 2) - _edge(size, 10), _edge(size, 6) - _edge(size, 14)
    depth, samples = size[36], int.from_bytes(size[34:36])
    return Codestream(rows, columns, samples, (depth & 0x7F) + 1, signed=bool(depth & 0x80))


def check_cost(frame: bytes) -> None:
    """Raise UnreadableImage for more tiles, code-blocks or precincts than an image of its size has reason for."""
    size = _size_segment(frame)
    _check_tiles(size)
    for marker, segment in _segments(frame):
        if marker in (_COD, _COC):
            _check_coding(marker, segment, size)


def _size_segment(frame: bytes) -> bytes:
    """SIZ is the first segment."""
    marker, segment = next(_segments(frame), (0, b""))
    if marker != _SIZ or len(segment) < 39:
        raise damaged("has no JPEG 2000 header that can be read")
    return segment


def _edge(size: bytes, place: int) -> int:
    return int.from_bytes(size[place : place + 4])


def _check_tiles(size: bytes) -> None:
    across, down = _edge(size, 18), _edge(size, 22)
    if not (across and down) or -(-_edge(size, 2) // across) * -(-_edge(size, 6) // down) > _MOST_TILES:
        raise damaged(f"is cut into more than {_MOST_TILES} tiles")


def _check_coding(marker: int, segment: bytes, size: bytes) -> None:
    """Check the coding style of all components or one (15444-1 A.6.1, A.6.2)."""
    start = 0 if marker == _COD else (1 if int.from_bytes(size[34:36]) < 257 else 2)
    style, parameters = segment[start], segment[start + (5 if marker == _COD else 1) :]
    block = 1 << ((parameters[1] & 0x0F) + (parameters[2] & 0x0F) + 4)
    if _edge(size, 2) * _edge(size, 6) > block * _MOST_BLOCKS:
        raise damaged(f"is cut into more than {_MOST_BLOCKS} code-blocks")
    if style & _OWN_PRECINCTS and _count_precincts(parameters, size) > _MOST_PRECINCTS:
        raise damaged(f"is cut into more than {_MOST_PRECINCTS} precincts")


def _count_precincts(parameters: bytes, size: bytes) -> int:
    """Count the precincts of a component, as if it were not cut into tiles (15444-1 B.6)."""
    levels = parameters[0]
    columns, rows = _edge(size, 2), _edge(size, 6)
    count = 0
    for level, exponents in enumerate(parameters[5 : 6 + levels]):
        scale = levels - level
        count += ((columns >> (scale + (exponents & 0x0F))) + 1) * ((rows >> (scale + (exponents >> 4))) + 1)
    return count


def _segments(frame: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the marker segments of the main header and of the headers of all tile-parts."""
    place = 2 if int.from_bytes(frame[:2]) == _SOC else len(frame)
    part_end = 0
    for _ in range(_MOST_SEGMENTS):
        marker = int.from_bytes(frame[place : place + 2])
        if marker == _SOD:
            place = part_end
            continue
        if marker not in (_SIZ, _COD, _COC, _SOT, *_OTHERS):
            if part_end != place and place + 2 < len(frame):
                raise damaged(f"has a marker {marker:04X} that is not expected in JPEG 2000")
            return
        length = int.from_bytes(frame[place + 2 : place + 4])
        if marker == _SOT:
            part_length = int.from_bytes(frame[place + 6 : place + 10])
            part_end = place + part_length if part_length else len(frame)
        yield marker, frame[place + 4 : place + 2 + length]
        place += 2 + length
    raise damaged(f"is cut into more than {_MOST_SEGMENTS} marker segments")
