"""Files to send to the service: good ones, and every kind of bad one."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def encode(pixels: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    """Encode uint8 pixels as a file of that format."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def dark(width: int = 80, height: int = 96, seed: int = 0) -> np.ndarray:
    """Return dim noise, dimmer on the left: in the distribution of the tiny model, and not blank at any size."""
    pixels = np.random.default_rng(seed).integers(0, 128, (height, width), dtype=np.uint8)
    pixels[:, : width // 2] //= 2
    return pixels


def bright(width: int = 80, height: int = 96) -> np.ndarray:
    """Return a picture that the tiny model finds unlike its training images: novelty 2.69."""
    pixels = np.full((height, width), 255, np.uint8)
    pixels[:, : width // 2] = 215
    return pixels


def blank(width: int = 80, height: int = 96) -> np.ndarray:
    """Return a picture that shows nothing."""
    return np.full((height, width), 255, np.uint8)


def good_png() -> bytes:
    return encode(dark())


def good_jpeg() -> bytes:
    return encode(dark(), "JPEG")


def truncated_jpeg() -> bytes:
    return good_jpeg()[:1500]


def oversized_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """Return a valid one-bit PNG of about 100 kB that announces 900 million pixels."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def zero_width_png() -> bytes:
    """Return a PNG whose header says 0 x 16 pixels."""
    header = struct.pack(">IIBBBBB", 0, 16, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
