"""Every image of a run, decoded and preprocessed once, as one memory-mapped uint8 array."""

import hashlib
import json
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

from service.errors import ProblemError
from service.imaging import PreprocessSpec, brain_region, decode, is_blank, preprocess
from trainer.atomic import replacing, write_json
from trainer.data.dataset import Skipped
from trainer.data.sample import Sample
from trainer.errors import DataError
from trainer.similarity.duplicates import thumbnail

_LAYOUT = "pixels.npy, thumbnails.npy of picture and head"


@dataclass(frozen=True)
class Images:
    """The usable samples with their pixels, in the same order.

    `pixels` is uint8 `[N, S, S, C]`; `thumbnails`, uint8 `[N, 2, 64, 64]`, show the whole picture and the head alone,
    cut out as by the crop `brain` even where the network sees the whole; `pixel_sha256` is the hash of each decoded
    picture before resizing, equal for files that differ only in their headers; `content_sha256` identifies files and
    labels together.
    """

    samples: list[Sample]
    pixels: NDArray[np.uint8]
    thumbnails: NDArray[np.uint8]
    pixel_sha256: list[str]
    content_sha256: str
    skipped: list[Skipped]


def load_images(samples: Sequence[Sample], spec: PreprocessSpec, folder: Path) -> Images:
    """Decode the samples, or take them from the cache in `folder` when files, labels and spec are the same.

    Files that cannot be decoded are listed in `skipped`. Raises DataError when none can.
    """
    digests = [_file_sha256(sample) for sample in samples]
    key = hashlib.sha256("\n".join([_LAYOUT, PIL.__version__, spec.model_dump_json(), *digests]).encode()).hexdigest()
    index_path = folder / "index.json"
    if not (index_path.is_file() and json.loads(index_path.read_text("utf-8"))["key"] == key):
        index_path.unlink(missing_ok=True)
        write_json(index_path, {"key": key, **_decode_all(samples, spec, folder)})
    index = json.loads(index_path.read_text("utf-8"))
    skipped = {int(row): reason for row, reason in index["skipped"].items()}
    usable = [sample for row, sample in enumerate(samples) if row not in skipped]
    return Images(
        samples=usable,
        pixels=np.load(folder / "pixels.npy", mmap_mode="r")[: len(usable)],
        thumbnails=np.load(folder / "thumbnails.npy", mmap_mode="r"),
        pixel_sha256=index["pixel_sha256"],
        content_sha256=_content_sha256(samples, digests),
        skipped=[Skipped(samples[row].path, reason) for row, reason in skipped.items()],
    )


def _decode_all(samples: Sequence[Sample], spec: PreprocessSpec, folder: Path) -> dict[str, object]:
    """Write the images to `folder` as they come.

    On a full disk a write fails, where a memory map would kill the process. The rows of skipped files are empty ones at
    the end.
    """
    skipped: dict[str, str] = {}
    pixel_sha256: list[str] = []
    thumbnails: list[NDArray[np.uint8]] = []
    shape = (len(samples), spec.size, spec.size, spec.channels)
    with replacing(folder / "pixels.npy") as out, out.open("wb") as file, ThreadPoolExecutor(os.cpu_count()) as pool:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        end = file.tell() + math.prod(shape)
        for row, result in enumerate(pool.map(lambda sample: _decode_one(sample.path, spec), samples)):
            if isinstance(result, str):
                skipped[str(row)] = result
            else:
                file.write(result[0].tobytes())
                pixel_sha256.append(result[1])
                thumbnails.append(result[2])
        file.truncate(end)
    if not pixel_sha256:
        raise DataError(f"none of the {len(samples)} files can be decoded; {samples[0].path}: {skipped['0']}")
    with replacing(folder / "thumbnails.npy") as out, out.open("wb") as file:
        np.save(file, np.stack(thumbnails))
    return {"skipped": skipped, "pixel_sha256": pixel_sha256}


def _decode_one(path: Path, spec: PreprocessSpec) -> tuple[NDArray[np.uint8], str, NDArray[np.uint8]] | str:
    try:
        picture = decode(path.read_bytes(), target=spec.size)
    except ProblemError as error:
        return f"{error.title}: {error.detail}"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    digest = hashlib.sha256(f"{picture.image.mode}{picture.image.size}".encode() + picture.image.tobytes())
    pixels = preprocess(picture, spec)
    if is_blank(pixels):
        return "Blank image: all its pixels are nearly the same."
    head = brain_region(picture.image, spec.crop_margin)
    return pixels, digest.hexdigest(), np.stack([thumbnail(picture.image), thumbnail(picture.image, head)])


def _file_sha256(sample: Sample) -> str:
    try:
        return hashlib.sha256(sample.path.read_bytes()).hexdigest()
    except OSError:
        return "unreadable"


def _content_sha256(samples: Sequence[Sample], digests: Sequence[str]) -> str:
    """Hash of the sorted pairs of file hash and label: independent of names and order."""
    pairs = sorted(f"{digest} {sample.label}" for digest, sample in zip(digests, samples, strict=True))
    return hashlib.sha256("\n".join(pairs).encode()).hexdigest()
