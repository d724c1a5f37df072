"""`python -m benchmarks.audit`: time and peak memory of `trainer audit` on a folder or on synthetic slices.

The synthetic set has two classes of phantoms; every tenth file is a copy, re-saved or mirrored. Fails (exit
code 1) when the audit takes longer than `--limit` seconds.
"""

import argparse
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from service.phantom import brain_slice

_CLASSES: tuple[Literal["glioma", "none"], ...] = ("glioma", "none")


@contextmanager
def synthetic_set(images: int, size: int) -> Iterator[Path]:
    """Yield a folder of two classes with that many JPEG files of `size` x `size` pixels."""
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor() as pool:
        for label in _CLASSES:
            (Path(folder) / label).mkdir()
        list(pool.map(_write, [Path(folder)] * images, range(images), [size] * images, chunksize=64))
        yield Path(folder)


def _write(root: Path, number: int, size: int) -> None:
    """Write one picture; a file whose number ends in 9 repeats the one eight before it, which has its class."""
    repeated = number % 10 == 9
    image = _picture(number - 8 if repeated else number, size)
    if number % 20 == 19:
        image = ImageOps.mirror(image)
    image.save(root / _CLASSES[number % 2] / f"{number}.jpg", quality=70 if repeated else 90)


def _picture(seed: int, size: int) -> Image.Image:
    """Return one of 100 phantoms under clouds of its own: drawing a phantom takes a hundred times as long."""
    clouds = np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)
    veil = Image.fromarray(clouds).resize((size, size), Image.Resampling.BICUBIC)
    return Image.blend(Image.fromarray(_phantom(seed % 100, size)), veil, 0.4)


@functools.cache
def _phantom(seed: int, size: int) -> NDArray[np.uint8]:
    return brain_slice(seed=seed, lesion=_CLASSES[seed % 2], size=size)


def measure(data: Path) -> tuple[float, float]:
    """Audit `data` in a process of its own with all its reports; return seconds and peak MiB."""
    with tempfile.TemporaryDirectory() as out:
        options = [f"--{name}={Path(out) / name}" for name in ("html", "json", "clean")]
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "trainer", "audit", str(data), *options])
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status):
        raise SystemExit("the audit failed")
    print(f"processor     {usage.ru_utime + usage.ru_stime:.1f} s")
    return wall_s, usage.ru_maxrss / 1024


def main() -> int:
    """Measure and report."""
    arguments = _parse()
    if arguments.data:
        wall_s, peak = measure(arguments.data)
    else:
        with synthetic_set(arguments.images, arguments.size) as folder:
            wall_s, peak = measure(folder)
    print(f"audit         {wall_s:.1f} s\npeak memory   {peak:.0f} MiB")
    return 1 if wall_s > arguments.limit else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of classes; default: synthetic slices")
    parser.add_argument("--images", type=int, default=20_000, help="synthetic slices (default: %(default)s)")
    parser.add_argument("--size", type=int, default=128, help="their edge in pixels (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
