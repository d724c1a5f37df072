"""Small pictures that a network can tell apart, and folders of them. Drawn from noise; no anatomy."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.data.image_cache import Images
from trainer.data.sample import Sample
from trainer.similarity.duplicates import thumbnails

LABELS = ("glioma", "meningioma", "no_tumor", "pituitary")


def picture(seed: int, kind: int = 0, size: int = 48) -> NDArray[np.uint8]:
    """Return smooth noise of its own for each seed, uint8 `[size, size]`; `kind` (0..3) of its quadrants are bright."""
    noise = np.random.default_rng(seed).integers(0, 160, (8, 8), dtype=np.uint8)
    pixels = np.asarray(Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC)).copy()
    half = size // 2
    for row, column in ((0, 0), (half, half), (0, half))[:kind]:
        quadrant = pixels[row : row + half, column : column + half]
        quadrant[:] = quadrant // 4 + 190
    return pixels


def pictures(count: int, size: int = 48) -> NDArray[np.uint8]:
    """Return `[count, size, size, 1]`."""
    return np.stack([picture(seed, size=size) for seed in range(count)])[..., None]


def write(path: Path, pixels: NDArray[np.uint8], **options: object) -> Path:
    """Write a picture in the format of its suffix, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def class_folders(root: Path, counts: Mapping[str, int], suffix: str = ".png", first: int = 0) -> Path:
    """Write `counts` pictures for each label into folders of that name; no two are alike."""
    for kind, (label, count) in enumerate(counts.items()):
        for number in range(count):
            write(root / label / f"{number}{suffix}", picture(first + 1000 * kind + number, kind))
    return root


def sample(number: int, label: str = "a", **known: str | None) -> Sample:
    """Return a sample whose file does not exist; `known` are its group, split, series or source."""
    return Sample(Path(f"{number}.png"), label, **{"source": "source", **known})  # type: ignore[arg-type]


def images_of(
    samples: Sequence[Sample], pixels: NDArray[np.uint8] | None = None, digests: Sequence[str] | None = None
) -> Images:
    """Return images that were never on disk; without `pixels` they are black, which resembles nothing."""
    shown = np.zeros((len(samples), 32, 32, 1), np.uint8) if pixels is None else pixels
    return Images(
        samples=list(samples),
        pixels=shown,
        thumbnails=np.stack([thumbnails(shown).astype(np.uint8)] * 2, axis=1),
        pixel_sha256=[str(row) for row in range(len(samples))] if digests is None else list(digests),
        content_sha256="0" * 64,
        skipped=[],
    )
