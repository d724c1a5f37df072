"""A data set with one planted case of every kind, and what an audit must say of it. Drawn from noise; no anatomy."""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from tests.trainer.pictures import picture, write

SIZE = 96
UNIQUE = 12
"""So many pictures of each class and split are like no other."""

PAIRS = {
    "same bytes": {"inside a class": 3, "across classes": 1, "across splits": 1, "across data sets": 1},
    "same pixels": {"inside a class": 3, "across classes": 1, "across splits": 1, "across data sets": 1},
    "near": {"inside a class": 4, "across classes": 1, "across splits": 1, "across data sets": 1},
    "near, mirrored or turned": {
        "inside a class": 5,
        "across classes": 1,
        "across splits": 1,
        "across data sets": 1,
    },
}
BAD = {"empty": 1, "unreadable": 0, "unsupported": 1, "too large": 0, "corrupt": 1, "blank": 1}
EXACT_CONFLICTS = 4
COPIES = 15
"""Each pair inside a class makes one file redundant."""


def plant(root: Path) -> tuple[Path, Path]:
    """Write the data sets `scans` (with Training and Testing) and `more`; return both folders."""
    scans, more = root / "scans", root / "more"
    for number, folder in enumerate((scans / "Training", scans / "Testing", more)):
        for kind, label in enumerate(("glioma", "no_tumor")):
            for n in range(UNIQUE):
                write(folder / label / f"{n}.png", _picture(1000 * (2 * number + kind) + n))
    _repeats_inside_a_class(scans / "Training" / "glioma")
    _repeats_across(scans / "Training" / "glioma", scans / "Training" / "no_tumor", first=3)
    _repeats_across(scans / "Training" / "glioma", scans / "Testing" / "glioma", first=7)
    _repeats_across(scans / "Testing" / "no_tumor", more / "no_tumor", first=0)
    _bad_files(scans / "Training" / "no_tumor")
    return scans, more


def _picture(seed: int) -> np.ndarray:
    return picture(seed, size=SIZE)


def _load(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image).copy()


def _repeats_inside_a_class(folder: Path) -> None:
    """Plant one pair of bytes, one of pixels, two near (re-encoded, resized), three mirrored or turned."""
    shutil.copy(folder / "0.png", folder / "bytes.png")
    write(folder / "pixels.bmp", _load(folder / "1.png"))
    write(folder / "re-encoded.jpg", _load(folder / "2.png"), quality=60)
    write(folder / "left-right.png", _load(folder / "11.png")[:, ::-1])
    write(folder / "top-bottom.png", _picture(77)[::-1])
    write(folder / "original.png", _picture(77))
    write(folder / "resized.png", _resized(_picture(78)))
    write(folder / "large.png", _picture(78))
    write(folder / "turned.jpg", _picture(79)[::-1, ::-1], quality=90)
    write(folder / "upright.png", _picture(79))


def _repeats_across(here: Path, there: Path, first: int) -> None:
    """Plant one pair of each level between two folders."""
    mark = f"from-{here.parent.name}-{here.name}"
    shutil.copy(here / f"{first}.png", there / f"{mark}-bytes.png")
    write(there / f"{mark}-pixels.tif", _load(here / f"{first + 1}.png"))
    write(there / f"{mark}-near.jpg", _resized(_load(here / f"{first + 2}.png")), quality=80)
    write(there / f"{mark}-mirrored.png", _load(here / f"{first + 3}.png")[:, ::-1])


def _resized(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).resize((61, 83), Image.Resampling.BICUBIC))


def _bad_files(folder: Path) -> None:
    (folder / "empty.png").touch()
    (folder / "text.png").write_text("this is no picture")
    (folder / "truncated.png").write_bytes((folder / "0.png").read_bytes()[:200])
    write(folder / "black.png", np.zeros((SIZE, SIZE), np.uint8))
    (folder / "really-a-png.jpg").write_bytes(b"")
    Image.fromarray(_picture(90)).save(folder / "really-a-png.jpg", "PNG")
