"""Pictures that are no MRI, drawn from a seed: noise, gradients, checkerboards, pages of text, blank pictures."""

import io
import string
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_LEAST_EDGE, _LARGEST_EDGE = 128, 512
_LETTERS = list(string.ascii_letters + string.digits)


def synthetic_png(kind: str, number: int, seed: int = 0) -> bytes:
    """Return picture `number` of a kind of `KINDS` as a greyscale PNG of 128 to 512 pixels an edge.

    The same arguments draw the same pixels, however many pictures are drawn of this kind and of others.
    """
    generator = np.random.default_rng([seed, number, *kind.encode()])
    width, height = generator.integers(_LEAST_EDGE, _LARGEST_EDGE, 2, endpoint=True).tolist()
    file = io.BytesIO()
    Image.fromarray(KINDS[kind](generator, width, height)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def uniform_noise(generator: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Every grey value is equally likely in every pixel."""
    return generator.integers(0, 256, (height, width), dtype=np.uint8)


def gaussian_noise(generator: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Normal noise around a grey of 64 to 192, with a standard deviation of 16 to 64."""
    values = generator.normal(generator.uniform(64, 192), generator.uniform(16, 64), (height, width))
    return np.asarray(values.clip(0, 255), np.uint8)


def gradient(generator: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """A slope in any direction, or rings round any centre, from one grey to another."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle, (left, top) = generator.uniform(0, 2 * np.pi), generator.uniform(-1, 1, 2)
    radial = generator.random() < 0.5
    slope = np.hypot(x - left, y - top) if radial else np.cos(angle) * x + np.sin(angle) * y
    first, last = _two_greys(generator)
    return np.asarray(np.interp(slope, (slope.min(), slope.max()), (first, last)), np.uint8)


def checkerboard(generator: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Squares of 4 to 64 pixels in two greys."""
    edge = generator.integers(4, 64, endpoint=True)
    odd = np.add.outer(np.arange(height) // edge, np.arange(width) // edge) % 2
    return np.asarray(np.array(_two_greys(generator), np.uint8)[odd])


def text_page(generator: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Lines of random words in Pillow's own font of 10 to 28 points, dark on light or light on dark."""
    paper, ink = _two_greys(generator)
    points = int(generator.integers(10, 28, endpoint=True))
    page = Image.new("L", (width, height), paper)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(points)
    for top in range(points, height - points, round(1.4 * points)):
        pen.text((points, top), _line(generator, 2 * width // points), fill=ink, font=font)
    return np.asarray(page)


def blank(generator: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """One grey: the service refuses it for that, before the model is asked."""
    return np.full((height, width), generator.integers(0, 256), np.uint8)


def _two_greys(generator: np.random.Generator) -> tuple[int, int]:
    """Return a dark and a light grey in any order."""
    dark, light = int(generator.integers(0, 96)), int(generator.integers(160, 256))
    return (dark, light) if generator.random() < 0.5 else (light, dark)


def _line(generator: np.random.Generator, length: int) -> str:
    words: list[str] = []
    while sum(map(len, words)) < length:
        words.append("".join(generator.choice(_LETTERS, generator.integers(1, 12))))
    return " ".join(words)


KINDS: Mapping[str, Callable[[np.random.Generator, int, int], NDArray[np.uint8]]] = {
    "noise-uniform": uniform_noise,
    "noise-gaussian": gaussian_noise,
    "gradient": gradient,
    "checkerboard": checkerboard,
    "text": text_page,
    "blank": blank,
}
