"""Small uploads that ask for much: what they ask for is refused before memory is taken for it."""

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from tests.pictures import dark, encode, oversized_png
from tests.service.batch.zips import Entry, forged, zipped
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import nifti

ROOT = Path(__file__).parents[3]
MIB = 1024 * 1024
GOOD = encode(dark())


def overlapping(count: int = 900) -> bytes:
    """Return a ZIP whose entries are all the same 20 MB, once deflated."""
    return forged([Entry(bytes(20 * MIB)), *[Entry(b"", offset=0, compress_size=20_000, file_size=20 * MIB)] * count])


def animation(frames: int = 1200) -> bytes:
    pictures = [Image.fromarray(np.full((8, 8), frame % 2 * 255, np.uint8)) for frame in range(frames)]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:])
    return file.getvalue()


def deflated_dicom() -> bytes:
    return dicom(np.zeros((8, 2048, 2048), np.uint16), uid.DeflatedExplicitVRLittleEndian, frames=8)


BOMBS: dict[str, tuple[Callable[[], bytes], float, dict[str, int]]] = {
    "100 MB by its header": (lambda: forged([Entry(bytes(100 * MIB)), Entry(GOOD)]), 8, {"413": 1, "200": 1}),
    "100 MB that it does not tell": (
        lambda: forged([Entry(bytes(100 * MIB), file_size=1000), Entry(GOOD)]),
        8,
        {"422": 1, "200": 1},
    ),
    "400 MB in 20 files": (lambda: forged([Entry(bytes(20 * MIB))] * 20), 64, {"415": 10, "413": 10}),
    "900 times the same 20 MB": (overlapping, 4, {"422": 1}),
    "200,000 entries": (
        lambda: forged([Entry(GOOD), *[Entry(b"", name=b"n", offset=0)] * 200_000], count=1),
        4,
        {"413": 1},
    ),
    "a ZIP in a ZIP": (lambda: zipped(zipped(zipped(bytes(MIB)))), 4, {"415": 1}),
    "a picture of 900 million pixels": (lambda: zipped(oversized_png()), 4, {"413": 1}),
    "gzip that says it is a volume": (
        lambda: zipped(gzip.compress(nifti(np.zeros((2, 2, 2), "i2"), dim=[3, 800, 800, 800, 1, 1, 1, 1]))),
        24,
        {"413": 1},
    ),
    "a deflated DICOM object of 67 MB": (lambda: zipped(deflated_dicom()), 220, {"422": 8}),
    "two billion frames": (lambda: dicom(dark(), NumberOfFrames=2**31 - 1), 8, {"422": 1}),
    "an animation of 1200 frames": (animation, 16, {"413": 1}),
}


@pytest.mark.parametrize(("bomb", "most_mib", "statuses"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_within_a_bounded_memory(
    bomb: Callable[[], bytes], most_mib: float, statuses: dict[str, int], model_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(bomb())

    ended = subprocess.run(
        [sys.executable, "-m", "tests.service.batch.running", str(model_path), str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    found = json.loads(ended.stdout)
    assert found["statuses"] == statuses
    assert found["added_mib"] < most_mib
