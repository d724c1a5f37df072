"""`trainer split`: the manifests of a hold-out or of folds, in a folder of their own."""

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from service.imaging import PreprocessSpec
from trainer.atomic import new_folder, write_json
from trainer.config import TrainConfig
from trainer.data.dataset import Skipped, check_classes, load_samples
from trainer.data.image_cache import load_images
from trainer.data.manifest import write_manifest
from trainer.data.sample import EXCLUDED, SPLITS, Sample
from trainer.splitting.folds import fold_images
from trainer.splitting.hold_out import split_images

_SKIPPED = "skipped.json"
_THUMBNAIL = PreprocessSpec(size=64)


def write_splits(data: Sequence[Path], out: Path, config: TrainConfig, folds: int | None) -> list[str]:
    """Write `split.csv`, or one `fold-N.csv` for each of `folds`, and `skipped.json` to the new folder `out`.

    Returns a line about each file. Raises DataError for data that cannot be split, FileExistsError when `out` is not
    empty.
    """
    with new_folder(out) as folder, tempfile.TemporaryDirectory() as cache:
        found = load_samples(data, config.class_map, config.keep_splits)
        images = load_images(found, _THUMBNAIL, Path(cache))
        check_classes(images.samples, config.min_images, {sample.label for sample in found})
        parts = [split_images(images, config)] if folds is None else fold_images(images, folds, config)
        manifests = dict(zip(manifest_names(folds), parts, strict=True))
        for name, samples in manifests.items():
            write_manifest(folder / name, samples)
        write_json(folder / _SKIPPED, [{"path": str(s.path), "reason": s.reason} for s in images.skipped])
    skipped = [f"{len(images.skipped)} file(s) not used: {out / _SKIPPED}"] if images.skipped else []
    return [_summary(out / name, samples) for name, samples in manifests.items()] + skipped


def read_skipped(folder: Path) -> list[Skipped]:
    """Return the files that `write_splits` left out when it wrote to `folder`."""
    rows = json.loads((folder / _SKIPPED).read_text("utf-8"))
    return [Skipped(Path(row["path"]), row["reason"]) for row in rows]


def manifest_names(folds: int | None) -> list[str]:
    """Return the names of the manifests of a hold-out (None) or of `folds`."""
    return ["split.csv"] if folds is None else [f"fold-{number}.csv" for number in range(1, folds + 1)]


def _summary(path: Path, samples: Sequence[Sample]) -> str:
    """Count the images by split, those of the test split by class too."""
    counts = Counter(sample.split for sample in samples)
    tested = Counter(sample.label for sample in samples if sample.split == "test")
    parts = ", ".join(f"{counts[split]} {split}" for split in (*SPLITS, EXCLUDED))
    classes = ", ".join(f"{count} {label}" for label, count in sorted(tested.items()))
    return f"{path}: {parts}; {len({sample.group for sample in samples})} groups; tested: {classes}"
