"""The tumour outlines of a run in the frame of the model's input, as one memory-mapped uint8 array."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.errors import ProblemError
from service.imaging import PreprocessSpec, decode, visible_region
from service.imaging.region import Region
from trainer.atomic import replacing
from trainer.data.sample import Sample
from trainer.errors import DataError

FREE, TUMOUR, UNKNOWN = 0, 1, 255
_BLACK = 127


def check_masks(samples: Sequence[Sample]) -> None:
    """Raise DataError unless some sample of the training split has a mask."""
    if not any(sample.mask and sample.split == "train" for sample in samples):
        raise DataError(
            "mask_loss needs masks, and no training image of the data has one; give a manifest with a column mask, or "
            "--mask-loss 0"
        )


def load_masks(
    samples: Sequence[Sample], spec: PreprocessSpec, tumour_classes: Sequence[str], folder: Path
) -> NDArray[np.uint8]:
    """Return uint8 `[N, S, S, 1]` of `FREE`, `TUMOUR` and `UNKNOWN`, from the cache in `folder` where it is there.

    An image without a mask is free of tumour where its class says so, else unknown. Raises DataError for a mask that
    cannot be read or is not white on black, and when no training image has one.
    """
    check_masks(samples)
    path = folder / f"masks-{masks_sha256(samples, spec, tumour_classes)[:16]}.npy"
    if not path.is_file():
        for old in folder.glob("masks-*.npy"):
            old.unlink()
        _write(path, samples, spec, tumour_classes)
    masks: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    return masks


def masks_sha256(samples: Sequence[Sample], spec: PreprocessSpec, tumour_classes: Sequence[str]) -> str:
    """Return the hash of all that the masks depend on."""
    digest = hashlib.sha256(f"{spec.model_dump_json()} {sorted(tumour_classes)}".encode())
    for sample in samples:
        for path in (sample.path, sample.mask):
            digest.update(path.read_bytes() if path and path.is_file() else b"-")
        digest.update(sample.label.encode())
    return digest.hexdigest()


def mask_in_frame(path: Path, region: Region, size: int) -> NDArray[np.bool_]:
    """Return `region` of a mask, white on black, in the model's frame, `[size, size]`.

    Raises ProblemError or OSError when it cannot be read, DataError when its tumour is not white, as in one of 0 and 1.
    """
    image = decode(path.read_bytes()).image.convert("L")
    brightest = int(np.asarray(image).max())
    if 0 < brightest <= _BLACK:
        raise DataError(f"{path}: the brightest value of the mask is {brightest} of 255; tumour must be white, 255")
    return np.asarray(image.resize((size, size), Image.Resampling.NEAREST, region.box(image.size))) > _BLACK


def _write(path: Path, samples: Sequence[Sample], spec: PreprocessSpec, tumour_classes: Sequence[str]) -> None:
    with replacing(path) as temporary, temporary.open("wb") as file, ThreadPoolExecutor(os.cpu_count()) as pool:
        header = {"descr": "|u1", "fortran_order": False, "shape": (len(samples), spec.size, spec.size, 1)}
        np.lib.format.write_array_header_1_0(file, header)
        for mask in pool.map(lambda sample: _mask(sample, spec, tumour_classes), samples):
            file.write(mask.tobytes())


def _mask(sample: Sample, spec: PreprocessSpec, tumour_classes: Sequence[str]) -> NDArray[np.uint8]:
    if sample.mask is None:
        free = bool(tumour_classes) and sample.label not in tumour_classes
        return np.full((spec.size, spec.size), FREE if free else UNKNOWN, np.uint8)
    try:
        region = visible_region(decode(sample.path.read_bytes(), target=spec.size), spec)
        return np.where(mask_in_frame(sample.mask, region, spec.size), TUMOUR, FREE).astype(np.uint8)
    except (ProblemError, OSError) as error:
        raise DataError(f"{sample.mask}: the mask cannot be read: {error}") from error
