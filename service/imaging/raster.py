"""Decode JPEG, PNG, BMP, TIFF, WebP and GIF with Pillow."""

import contextlib
from collections.abc import Iterator

from PIL import (  # the plugins of FORMATS register here; otherwise the first TIFF makes Pillow load all it has
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from service.errors import TooManyPixels, UnreadableImage, UnsupportedFormat
from service.imaging.bounded_bytes import BoundedBytes
from service.imaging.damage import unreadable_when_damaged
from service.imaging.eight_bit import to_8bit
from service.imaging.picture import Limits, Picture
from service.imaging.source import check_frame

_PLUGINS = (JpegImagePlugin, PngImagePlugin, BmpImagePlugin, TiffImagePlugin, WebPImagePlugin, GifImagePlugin)
FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")
_SIGNATURES = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "BMP": (b"BM",),
    "TIFF": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "GIF": (b"GIF87a", b"GIF89a"),
}
_DRAFT_MARGIN = 2
_COUNTED_PAGES = 1000
_START_OF_SCAN = b"\xff\xda"
_MOST_SCANS = 200
"""A scan of a dozen bytes keeps the decoder busy for all the pixels; encoders write about ten."""
_FAX = ("tiff_ccitt", "group3", "group4", "tiff_raw_16")
_ANIMATIONS = ("GIF", "WEBP", "PNG")
_QUARTER_TURNS = (5, 6, 7, 8)
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each value of the EXIF tag Orientation (CIPA DC-008, 4.6.4)."""


class RasterSource:
    """A raster file, for one thread at a time.

    It is opened anew for each frame, since Pillow's images change while they are read, but for an animation: there each
    frame is drawn over those before it, and the next one goes on from where the last one ended.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._counted: int | None = None
        self._kept: Image.Image | None = None

    @property
    def frames(self) -> int:
        """The number of pages or frames, at most 1000 of a TIFF; raises as `picture` does."""
        if self._counted is None:
            image = _open(self._data, self._limits)
            with _readable(image, self._limits):
                self._counted = _count_frames(image)
            self._kept = image
        return self._counted

    def facts(self, frame: int = 0) -> None:
        """Return None: what a raster file says of itself is not looked at."""

    def picture(self, frame: int = 0, target: int | None = None) -> Picture:
        """Decode one frame; a JPEG is scaled while it is decoded, to at least twice the edge `target`.

        Raises UnsupportedFormat for anything but the formats above, TooManyPixels before decoding when the header
        announces more than the limits allow, UnreadableImage when the content is empty, truncated or corrupt,
        InvalidRequest when there is no such frame.
        """
        image = self._opened_for(frame)
        with _readable(image, self._limits):
            if self._counted is None:
                self._counted = _count_frames(image)
            check_frame(frame, self._counted)
            if frame:
                _turn_to(image, frame, self._limits)
            picture = _decoded(image, frame, self._counted, target)
        if self._counted > 1 and image.format in _ANIMATIONS:
            self._kept = image
        return picture

    def _opened_for(self, frame: int) -> Image.Image:
        """Return what is open already where it has not passed the frame, or the file opened anew."""
        kept, self._kept = self._kept, None
        return kept if kept is not None and kept.tell() <= frame else _open(self._data, self._limits)


@contextlib.contextmanager
def _readable(image: Image.Image, limits: Limits) -> Iterator[None]:
    with unreadable_when_damaged(f"{_name(image)} data"):
        try:
            yield
        except Image.DecompressionBombError as error:
            raise _too_many_pixels(limits) from error


def _open(data: bytes, limits: Limits) -> Image.Image:
    if not data:
        raise UnreadableImage("The file is empty (0 bytes). Send the image itself.")
    try:
        image = Image.open(BoundedBytes(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(limits) from error
    except UnidentifiedImageError as error:
        raise _unidentified(data) from error
    except Exception as error:
        raise UnreadableImage("The image header is corrupt. Export the image again.") from error
    _check_header(image, limits)
    if image.format in ("JPEG", "MPO") and data.count(_START_OF_SCAN) > _MOST_SCANS:
        raise UnreadableImage(f"The JPEG is cut into more than {_MOST_SCANS} scans. Export the image again.")
    return image


def _check_header(image: Image.Image, limits: Limits) -> None:
    if image.width < 1 or image.height < 1:
        raise UnreadableImage(f"The image is {image.width} x {image.height} pixels: there is nothing to classify.")
    if image.width * image.height > limits.max_pixels:
        raise _too_many_pixels(limits, image.size)
    if image.info.get("compression") in _FAX:
        raise UnsupportedFormat("A fax-compressed TIFF holds black and white only. Export the image in greyscale.")


def _turn_to(image: Image.Image, frame: int, limits: Limits) -> None:
    """Go to a later frame: of a TIFF directly, of an animation through all the frames before it."""
    passed = 1 if image.format == "TIFF" else frame + 1
    if passed * image.width * image.height > limits.max_pixels:
        raise TooManyPixels(
            f"Frame {frame} of this animation needs the {passed} frames up to it, {image.width} x {image.height} "
            f"pixels each; at most {limits.max_pixels} are decoded. Send the frame as an image of its own."
        )
    image.seek(frame)
    _check_header(image, limits)


def _decoded(image: Image.Image, frame: int, frames: int, target: int | None) -> Picture:
    name, full_size = _name(image), image.size
    if target is not None and name == "JPEG":
        image.draft(None, (target * _DRAFT_MARGIN, target * _DRAFT_MARGIN))
    image.load()
    orientation = _orientation(image)
    width, height = full_size[::-1] if orientation in _QUARTER_TURNS else full_size
    upright = image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image
    shown = to_8bit(upright)
    own = shown.copy() if shown is image and frames > 1 else shown  # the next frame is drawn over this one
    return Picture(own, name, width, height, frames, frame)


def _name(image: Image.Image) -> str:
    """Return the format; MPO is how Pillow calls a JPEG followed by more JPEGs (CIPA DC-007)."""
    return "JPEG" if image.format == "MPO" else str(image.format)


def _count_frames(image: Image.Image) -> int:
    """Return the number of frames; the pages of a TIFF form a chain, which is followed for 1000 links at most."""
    if image.format != "TIFF":
        return int(getattr(image, "n_frames", 1))
    count = 1
    with contextlib.suppress(EOFError):
        while count < _COUNTED_PAGES:
            image.seek(count)
            count += 1
    image.seek(0)
    return count


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) where there is none, it is unreadable, or loading has applied it."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a broken EXIF block does not make the picture unreadable
        return 1


def _unidentified(data: bytes) -> UnsupportedFormat | UnreadableImage:
    known = [name for name, marks in _SIGNATURES.items() if data.startswith(marks)]
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        known.append("WEBP")
    if known:
        return UnreadableImage(f"The file starts like {known[0]}, but its header is truncated or corrupt.")
    return UnsupportedFormat(
        f"The content is not an image this service reads. Send one of {', '.join(FORMATS)}, DICOM or NIfTI."
    )


def _too_many_pixels(limits: Limits, size: tuple[int, int] | None = None) -> TooManyPixels:
    announced = f"{size[0]} x {size[1]} pixels" if size else "too many pixels to open"
    return TooManyPixels(
        f"The header announces {announced}; at most {limits.max_pixels} are decoded. Send a smaller image."
    )
