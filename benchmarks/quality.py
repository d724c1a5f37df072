"""How often scans, and blurred and clipped copies of them, get a warning: `python -m benchmarks.quality FOLDER...`.

A copy is blurred by a Gaussian of so many pixels of the model's input, or made brighter by a factor and cut off at
white. At most `--files` scans of each folder are drawn, with a fixed seed. Masks are left out by their name.
"""

import argparse
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageFilter

from service.errors import ProblemError
from service.imaging import Picture, PreprocessSpec, decode, is_blank, measure, preprocess, visible_region
from service.model_file import load_model_file
from service.quality_notices import quality_notices
from service.settings import default_model_path

_SUFFIXES = (".jpg", ".jpeg", ".png")
_SIGMAS, _GAINS = (1.5, 2.0, 3.0), (2.0, 3.0)


def pictures(folder: Path, files: int, size: int) -> Iterator[Picture]:
    """Yield the scans drawn from a folder, in greyscale."""
    paths = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in _SUFFIXES and "mask" not in str(p)]
    for path in random.Random(1).sample(paths, min(files, len(paths))):
        try:
            picture = decode(path.read_bytes(), target=size)
        except ProblemError:
            continue
        yield replace(picture, image=picture.image.convert("L"))


def changed(picture: Picture, spec: PreprocessSpec) -> Iterator[tuple[str, Picture]]:
    """Yield the picture and its copies, each with the warning that it should get."""
    region = visible_region(picture, spec)
    scale = (region.right - region.left) * picture.image.width / spec.size
    yield "blurred 0", picture
    for sigma in _SIGMAS:
        blurred = picture.image.filter(ImageFilter.GaussianBlur(sigma * scale))
        yield f"blurred {sigma}", replace(picture, image=blurred)
    yield "clipped 0", picture
    for gain in _GAINS:
        yield f"clipped x{gain}", replace(picture, image=picture.image.point(_brighter(gain)))


def _brighter(gain: float) -> Callable[[int], int]:
    return lambda value: min(int(value * gain), 255)


def shares(folder: Path, files: int, spec: PreprocessSpec) -> tuple[int, dict[str, float]]:
    """Return how many scans were looked at, and which share of each kind of copy got its warning."""
    scans, warned = 0, dict[str, int]()
    for picture in pictures(folder, files, spec.size):
        if is_blank(preprocess(picture, spec)):
            continue
        scans += 1
        for kind, copy in changed(picture, spec):
            codes = {n.code for n in quality_notices(copy, measure(preprocess(copy, spec)), spec.size)}
            warned[kind] = warned.get(kind, 0) + (kind.split()[0] in codes)
    return scans, {kind: count / scans for kind, count in warned.items()}


def main() -> None:
    """Print a row for each folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=400)
    options = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    spec = load_model_file(default_model_path()).card.preprocess
    for number, folder in enumerate(options.folders):
        scans, found = shares(folder, options.files, spec)
        if not number:
            print("| folder | scans | " + " | ".join(found) + " |\n|---|" + "---|" * (len(found) + 1))
        print(f"| `{folder.name}` | {scans} | " + " | ".join(f"{share:.1%}" for share in found.values()) + " |")


if __name__ == "__main__":
    main()
