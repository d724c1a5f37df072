"""From places on disk to images with classes and splits. Needs no TensorFlow, so that bad data is refused at once."""

import hashlib
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.atomic import write_json
from trainer.config import TrainConfig
from trainer.data.dataset import check_classes, load_samples
from trainer.data.image_cache import Images, load_images
from trainer.data.manifest import write_manifest
from trainer.data.mask_cache import load_masks, masks_sha256
from trainer.data.sample import SPLITS, Sample
from trainer.errors import ConfigError
from trainer.splitting.hold_out import split_images

logger = logging.getLogger(__name__)

_RUN = "run.json"
_DESCRIPTIVE = ("name", "version", "licence", "citations", "recipe", "tumour_classes")
"""Keys that change neither split nor weights: with another value a run can be resumed."""


@dataclass(frozen=True)
class Prepared:
    """The decoded images, the samples in the same order with their final group and split, and the class names.

    `masks` are those of `trainer.data.mask_cache`, where the network is to learn from them.
    """

    images: Images
    samples: list[Sample]
    classes: tuple[str, ...]
    masks: NDArray[np.uint8] | None = None


def prepare(data: Sequence[Path], out: Path, config: TrainConfig, cache: Path | None = None) -> Prepared:
    """Decode and split the images of `data`; what was found and how it was split is written to the folder `out`.

    The decoded images are kept in the folder `cache`, by default in `out`. Raises DataError for data that cannot be
    used, ConfigError when `out` holds a run with other data or options.
    """
    claim = _claim_of(data, config)
    _claim(out, claim)
    found = load_samples(data, config.class_map, config.keep_splits)
    cache = cache or out / "cache"
    images = load_images(found, config.preprocess_spec, cache)
    classes = check_classes(images.samples, config.min_images, {sample.label for sample in found})
    check_tumour_classes(config, classes)
    samples = split_images(images, config)
    claim |= {"split_sha256": _split_sha256(images, samples)}
    _claim(out, claim)
    write_manifest(out / "split.csv", samples)
    write_json(out / "skipped.json", [{"path": str(s.path), "reason": s.reason} for s in images.skipped])
    _log_split(images, samples)
    if not config.mask_loss:
        return Prepared(images, samples, classes)
    what = samples, config.preprocess_spec, config.tumour_classes
    _claim(out, {**claim, "masks_sha256": masks_sha256(*what)})
    return Prepared(images, samples, classes, load_masks(*what, cache))


def check_run(data: Sequence[Path], out: Path, config: TrainConfig) -> None:
    """Raise ConfigError when the folder `out` holds a run with other data or options; nothing is written."""
    _held(out, _claim_of(data, config))


def check_tumour_classes(config: TrainConfig, classes: Collection[str]) -> None:
    """Raise ConfigError for tumour classes that are none of `classes`."""
    unknown = sorted(set(config.tumour_classes) - set(classes))
    if unknown:
        raise ConfigError(f"tumour_classes {unknown} are no classes of the data, which has {sorted(classes)}")


def _claim_of(data: Sequence[Path], config: TrainConfig) -> dict[str, Any]:
    fitted = {key: value for key, value in asdict(config).items() if key not in _DESCRIPTIVE}
    return {"data": [str(place.resolve()) for place in data], "config": json.loads(json.dumps(fitted))}


def _claim(out: Path, claim: Mapping[str, Any]) -> None:
    write_json(out / _RUN, {**_held(out, claim), **claim})


def _held(out: Path, claim: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was written about a run in which something has been trained, {} where nothing has.

    A folder with another run is refused: its network has seen what is now held out.
    """
    path = out / _RUN
    trained = (out / "fit" / "progress.json").is_file() and path.is_file()
    held: dict[str, Any] = json.loads(path.read_text("utf-8")) if trained else {}
    if changed := _changed(held, claim):
        raise ConfigError(
            f"{out}: holds a run with other data or options ({', '.join(changed)}); choose another --out or remove the "
            "folder"
        )
    return held


def _changed(held: Mapping[str, Any], claim: Mapping[str, Any]) -> list[str]:
    """Return in what a run differs from a claim: data, split, masks, and each option by its name."""
    differing = [key for key, value in claim.items() if held.get(key, value) != value]
    if "config" not in differing:
        return [key.removesuffix("_sha256") for key in differing]
    before, now = held["config"], claim["config"]
    options = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    return [key.removesuffix("_sha256") for key in differing if key != "config"] + options


def _split_sha256(images: Images, samples: Sequence[Sample]) -> str:
    rows = (f"{pixels} {s.label} {s.split}" for pixels, s in zip(images.pixel_sha256, samples, strict=True))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _log_split(images: Images, samples: Sequence[Sample]) -> None:
    counts = {split: sum(s.split == split for s in samples) for split in (*SPLITS, "excluded")}
    groups = len({s.group for s in samples})
    logger.info("%d images in %d groups: %s", len(samples), groups, counts)
    for skip in images.skipped:
        logger.warning("skipped %s: %s", skip.path, skip.reason)
