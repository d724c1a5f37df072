"""Decode JPEG, PNG, BMP, TIFF, WebP and GIF with Pillow."""

import io
import warnings

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from service.errors import TooManyPixels, UnreadableImage, UnsupportedFormat
from service.imaging.picture import Limits, Picture

FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")
_SIGNATURES = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "BMP": (b"BM",),
    "TIFF": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "GIF": (b"GIF87a", b"GIF89a"),
}
_DRAFT_MARGIN = 2
_QUARTER_TURNS = (5, 6, 7, 8)
_DECODING_ERRORS = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError)


def decode(data: bytes, limits: Limits | None = None, target: int | None = None) -> Picture:
    """Decode the first frame of a raster image.

    `target` is the edge length in pixels that the caller will resize to: a JPEG is then scaled while it is decoded, to
    at least twice that edge.

    Raises UnsupportedFormat for anything but the formats above, TooManyPixels before decoding when the header
    announces more than `limits` allows, UnreadableImage when the content is empty, truncated or corrupt.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _open(data, limits or Limits())
        try:
            return _first_frame(image, target)
        except Image.DecompressionBombError as error:
            raise _too_many_pixels(limits or Limits()) from error
        except _DECODING_ERRORS as error:
            raise UnreadableImage(
                f"The {image.format} data is truncated or corrupt and cannot be decoded. Export the image again."
            ) from error
        except MemoryError as error:
            raise UnreadableImage("Decoding needs more memory than there is. Send a smaller image.") from error


def _open(data: bytes, limits: Limits) -> Image.Image:
    if not data:
        raise UnreadableImage("The file is empty (0 bytes). Send the image itself.")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(limits) from error
    except UnidentifiedImageError as error:
        raise _unidentified(data) from error
    except _DECODING_ERRORS as error:
        raise UnreadableImage("The image header is corrupt. Export the image again.") from error
    if image.width < 1 or image.height < 1:
        raise UnreadableImage(f"The image is {image.width} x {image.height} pixels: there is nothing to classify.")
    if image.width * image.height > limits.max_pixels:
        raise _too_many_pixels(limits, image.size)
    return image


def _first_frame(image: Image.Image, target: int | None) -> Picture:
    frames = int(getattr(image, "n_frames", 1))
    name = "JPEG" if image.format == "MPO" else str(image.format)
    full_size = image.size
    if target is not None and name == "JPEG":
        image.draft(None, (target * _DRAFT_MARGIN, target * _DRAFT_MARGIN))
    image.load()
    turned = image.getexif().get(ExifTags.Base.Orientation) in _QUARTER_TURNS
    width, height = full_size[::-1] if turned else full_size
    return Picture(_to_8bit(ImageOps.exif_transpose(image)), name, width, height, frames)


def _to_8bit(image: Image.Image) -> Image.Image:
    """Return mode `L` or `RGB`; transparency shows black, more than 8 bits are stretched from minimum to maximum."""
    if image.mode in ("L", "RGB"):
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _stretch(np.asarray(image))
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("RGBA", "LA", "La", "RGBa", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        flat = Image.alpha_composite(Image.new("RGBA", rgba.size, (0, 0, 0, 255)), rgba).convert("RGB")
        return flat.convert("L") if image.mode in ("LA", "La") else flat
    return image.convert("RGB")


def _stretch(pixels: np.ndarray) -> Image.Image:
    values = np.nan_to_num(pixels.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    scale = 255.0 / (high - low) if high > low else 0.0
    return Image.fromarray(np.rint((values - low) * scale).astype(np.uint8))


def _unidentified(data: bytes) -> UnsupportedFormat | UnreadableImage:
    known = [name for name, marks in _SIGNATURES.items() if data.startswith(marks)]
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        known.append("WEBP")
    if known:
        return UnreadableImage(f"The file starts like {known[0]}, but its header is truncated or corrupt.")
    return UnsupportedFormat(f"The content is not an image this service reads. Send one of {', '.join(FORMATS)}.")


def _too_many_pixels(limits: Limits, size: tuple[int, int] | None = None) -> TooManyPixels:
    announced = f"{size[0]} x {size[1]} pixels" if size else "too many pixels to open"
    return TooManyPixels(
        f"The header announces {announced}; at most {limits.max_pixels} are decoded. Send a smaller image."
    )
