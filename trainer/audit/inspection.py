"""What one file is: the facts of its header, its identity, and whether it can be used."""

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.errors import ProblemError, TooManyPixels, UnsupportedFormat
from service.imaging import Picture, decode, is_blank
from trainer.audit.hashes import ViewHashes, view_hashes

MAX_BYTES = 256 << 20
SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif"),
    "PNG": (".png",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
}
PROBLEMS = ("empty", "unreadable", "unsupported", "too large", "corrupt", "blank")
_EDGE = 64


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one file; the fields of the picture are empty where `problem` says why it cannot be used.

    `format` is that of the content, whatever the suffix says; `mode` is Pillow's for the stored pixels, for the decoded
    ones of DICOM and NIfTI; `width` and `height` are those of the upright picture. `pixel_sha256` is equal for files
    that decode to the same grey or colour values, however they are stored.
    """

    size: int = 0
    problem: str | None = None
    reason: str = ""
    file_sha256: str = ""
    pixel_sha256: str = ""
    format: str = ""
    mode: str = ""
    width: int = 0
    height: int = 0
    mislabelled: bool = False


@dataclass(frozen=True, slots=True)
class Inspected:
    """The facts of one file; of a usable one also the grey thumbnail, uint8 `[64, 64]`, and the hashes of its views."""

    facts: Facts
    thumbnail: NDArray[np.uint8] | None = None
    hashes: ViewHashes | None = None


def inspect(path: Path) -> Inspected:
    """Read and decode one file; never raises for what is wrong with it."""
    facts = Facts()
    try:
        facts = replace(facts, size=path.stat().st_size)
        if facts.size == 0:
            return _unusable(facts, "empty", "The file has 0 bytes.")
        if facts.size > MAX_BYTES:
            return _unusable(facts, "too large", f"Files of more than {MAX_BYTES >> 20} MiB are not read.")
        data = path.read_bytes()
    except OSError as error:
        return _unusable(facts, "unreadable", f"The file cannot be read: {error.strerror}.")
    return _inspect_bytes(data, path.suffix, replace(facts, file_sha256=hashlib.sha256(data).hexdigest()))


def _inspect_bytes(data: bytes, suffix: str, facts: Facts) -> Inspected:
    try:
        picture = decode(data)
    except UnsupportedFormat as error:
        return _unusable(facts, "unsupported", error.detail)
    except TooManyPixels as error:
        return _unusable(facts, "too large", error.detail)
    except ProblemError as error:
        return _unusable(facts, "corrupt", error.detail)
    image = _grey_where_colourless(picture.image)
    grey = image.convert("L").resize((_EDGE, _EDGE), Image.Resampling.BILINEAR)
    facts = replace(
        facts,
        pixel_sha256=hashlib.sha256(f"{image.mode}{image.size}".encode() + image.tobytes()).hexdigest(),
        format=picture.format,
        mode=_stored_mode(data, picture),
        width=picture.width,
        height=picture.height,
        mislabelled=suffix.lower() not in SUFFIXES.get(picture.format, (suffix.lower(),)),
    )
    thumbnail = np.asarray(grey)
    if is_blank(thumbnail):
        return _unusable(facts, "blank", "Nothing can be seen: all pixels are nearly the same.")
    return Inspected(facts, thumbnail, view_hashes(grey))


def _unusable(facts: Facts, problem: str, reason: str) -> Inspected:
    return Inspected(replace(facts, problem=problem, reason=reason))


def _grey_where_colourless(image: Image.Image) -> Image.Image:
    """Return mode `L` for a colour image whose three bands are equal."""
    if image.mode == "L":
        return image
    red, green, blue = (band.tobytes() for band in image.split())
    return image.getchannel(0) if red == green == blue else image


def _stored_mode(data: bytes, picture: Picture) -> str:
    if picture.format not in SUFFIXES:
        return picture.image.mode
    with Image.open(io.BytesIO(data)) as image:
        return image.mode
