"""Files for the decoder: whole ones of every format, and ways to damage them."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """Encode `image` as a file of that format."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(width: int = 32, height: int = 24, channels: int = 1) -> Image.Image:
    """Return a picture that does not compress, so that most of the file is pixel data."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))


def exif(orientation: int) -> Image.Exif:
    """Return an EXIF block that holds nothing but the orientation."""
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def whole_files() -> dict[str, bytes]:
    """Return one sound file of every format and of the variants that take other paths through Pillow."""
    grey, colour = noise(), noise(channels=3)
    return {
        "JPEG": encode(grey, "JPEG", exif=exif(6)),
        "progressive JPEG": encode(colour, "JPEG", progressive=True),
        "CMYK JPEG": encode(colour.convert("CMYK"), "JPEG"),
        "MPO": encode(colour, "MPO", save_all=True, append_images=[colour]),
        "PNG": encode(grey, "PNG", exif=exif(6)),
        "16-bit PNG": encode(Image.fromarray(np.arange(768, dtype=np.uint16).reshape(24, 32)), "PNG"),
        "animated PNG": encode(grey, "PNG", save_all=True, append_images=[grey.rotate(90)]),
        "BMP": encode(colour, "BMP"),
        "TIFF": encode(grey, "TIFF", exif=exif(6)),
        "LZW TIFF": encode(colour, "TIFF", compression="tiff_lzw"),
        "deflate TIFF": encode(grey, "TIFF", compression="tiff_deflate", save_all=True, append_images=[grey]),
        "float TIFF": encode(Image.fromarray(np.linspace(0, 1, 768, dtype=np.float32).reshape(24, 32)), "TIFF"),
        "WEBP": encode(colour, "WEBP", lossless=True, exif=exif(6)),
        "animated WEBP": encode(colour, "WEBP", save_all=True, append_images=[colour.rotate(90)]),
        "GIF": encode(colour, "GIF", save_all=True, append_images=[colour.rotate(90)]),
    }


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk with its checksum (PNG specification, 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_size(data: bytes, width: int, height: int) -> bytes:
    """Return the JPEG, PNG, GIF or BMP file with another size in its header."""
    if data.startswith(PNG_SIGNATURE):
        header = struct.pack(">II", width, height) + data[24:29]
        return PNG_SIGNATURE + png_chunk(b"IHDR", header) + data[33:]
    place, size = {
        b"\xff\xd8": (data.find(b"\xff\xc0") + 5, struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)),
        b"GI": (6, struct.pack("<HH", width & 0xFFFF, height & 0xFFFF)),
        b"BM": (18, struct.pack("<ii", width, height)),
    }[data[:2]]
    return data[:place] + size + data[place + len(size) :]
