"""The Image Pixel module (PS3.3 section C.7.6.3): how the stored values of a frame are to be read."""

from dataclasses import dataclass

from service.errors import TooManyPixels, UnreadableImage, UnsupportedFormat
from service.imaging.dicom.header import Header, unreadable
from service.imaging.dicom.tags import label
from service.imaging.picture import Limits

GREY = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"
YBR = ("YBR_FULL", "YBR_FULL_422")
_THREE_SAMPLES = ("RGB", *YBR, "YBR_ICT", "YBR_RCT")
_NOT_READ = ("ARGB", "CMYK", "HSV", "XYB", "YBR_PARTIAL_420", "YBR_PARTIAL_422")
"""The other terms of PS3.3 section C.7.6.3.1.2: they may be quoted, what a stranger wrote may not."""
_CONTAINERS = {"PixelData": (1, 8, 16, 32, 64), "FloatPixelData": (32,), "DoubleFloatPixelData": (64,)}


@dataclass(frozen=True)
class PixelDescription:
    """How the values of a frame are stored; `bits_stored` and `high_bit` are those of the container for floats."""

    rows: int
    columns: int
    samples: int
    photometric: str
    planar: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    frames: int

    @property
    def frame_bits(self) -> int:
        """The size of a frame that is not compressed, in bits (PS3.5 section 8.1.1, PS3.3 section C.7.6.3.1.2)."""
        values = self.rows * self.columns * self.samples
        return values * self.bits_allocated // 3 * 2 if self.photometric == YBR[1] else values * self.bits_allocated


def read_description(header: Header, keyword: str, limits: Limits) -> PixelDescription:
    """Read and check the description of the pixels in the element `keyword`.

    Raises UnreadableImage naming the element that is missing or contradicts another, UnsupportedFormat for a
    photometric interpretation that is not read, TooManyPixels beyond the limits.
    """
    rows, columns = _required(header, "Rows"), _required(header, "Columns")
    photometric, samples = _colours(header)
    allocated = _required(header, "BitsAllocated")
    if allocated not in _CONTAINERS[keyword]:
        sizes = " or ".join(str(bits) for bits in _CONTAINERS[keyword])
        raise unreadable("BitsAllocated", f"is {allocated}, not {sizes} as {label(keyword)} needs")
    stored, high_bit, signed = _depth(header, allocated) if keyword == "PixelData" else (allocated, allocated - 1, True)
    description = PixelDescription(
        rows=rows,
        columns=columns,
        samples=samples,
        photometric=photometric,
        planar=header.integer("PlanarConfiguration") or 0,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high_bit,
        signed=signed,
        frames=_frames(header),
    )
    _check_size(description, limits)
    return description


def _required(header: Header, keyword: str) -> int:
    value = header.integer(keyword)
    if value is None:
        raise unreadable(keyword, "is missing")
    if value < 1:
        raise unreadable(keyword, "is 0")
    return value


def _colours(header: Header) -> tuple[str, int]:
    photometric = header.code("PhotometricInterpretation")
    samples = _required(header, "SamplesPerPixel")
    if not photometric:
        raise unreadable("PhotometricInterpretation", "is missing")
    if photometric not in (*GREY, PALETTE, *_THREE_SAMPLES):
        term = photometric if photometric in _NOT_READ else "of no standard term"
        raise UnsupportedFormat(
            f"{label('PhotometricInterpretation')} {term} is not read. Send MONOCHROME1, MONOCHROME2, "
            "PALETTE COLOR, RGB or YBR_FULL."
        )
    if samples != (3 if photometric in _THREE_SAMPLES else 1):
        raise unreadable("SamplesPerPixel", f"is {samples}, which contradicts {photometric}")
    return photometric, samples


def _depth(header: Header, allocated: int) -> tuple[int, int, bool]:
    """Return bits stored, high bit and signedness (PS3.5 section 8.1.1)."""
    stored = _required(header, "BitsStored")
    if stored > allocated:
        raise unreadable("BitsStored", f"is {stored}, more than the {allocated} bits allocated")
    representation = header.integer("PixelRepresentation")
    if representation not in (0, 1):
        raise unreadable("PixelRepresentation", "is missing" if representation is None else f"is {representation}")
    high_bit = header.integer("HighBit")
    if high_bit is None or not stored - 1 <= high_bit < allocated:
        high_bit = stored - 1
    return stored, high_bit, representation == 1


def _frames(header: Header) -> int:
    """Return the number of frames, 1 where it is absent or 0 as some writers have it."""
    frames = header.integer("NumberOfFrames")
    if frames is not None and frames < 0:
        raise unreadable("NumberOfFrames", f"is {frames}")
    return frames or 1


def _check_size(description: PixelDescription, limits: Limits) -> None:
    rows, columns = description.rows, description.columns
    pixels = rows * columns
    if pixels > limits.max_pixels:
        raise TooManyPixels(
            f"{label('Rows')} and {label('Columns')} announce {columns} x {rows} pixels; at most {limits.max_pixels} "
            "are decoded. Send a smaller image."
        )
    decoded = pixels * description.samples * max(description.bits_allocated // 8, 1)
    if decoded > limits.max_decoded_bytes:
        raise TooManyPixels(
            f"A frame of {columns} x {rows} pixels of {description.samples} x {description.bits_allocated} bits is "
            f"{decoded} bytes; at most {limits.max_decoded_bytes} are decoded. Send a smaller image."
        )


def check_supply(description: PixelDescription, keyword: str, available: int) -> None:
    """Raise UnreadableImage where uncompressed pixels are fewer or more than the header describes."""
    needed = -(-description.frame_bits * description.frames // 8)
    if available < needed:
        raise UnreadableImage(
            f"{label(keyword)} holds {available} bytes, but {description.frames} frame(s) of {description.columns} x "
            f"{description.rows} pixels by {label('NumberOfFrames')} take {needed}: it is truncated, or the header is "
            "wrong. Export the image again."
        )
    if description.photometric == YBR[1] and available >= needed // 2 * 3:
        raise unreadable("PhotometricInterpretation", "is YBR_FULL_422, but the pixels are not subsampled")
