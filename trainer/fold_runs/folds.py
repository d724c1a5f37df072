"""The folds that several runs share, drawn once and kept in their folder."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainer.atomic import new_folder, write_json
from trainer.config import SPLIT_KEYS, TrainConfig
from trainer.data.dataset import load_samples
from trainer.data.manifest import read_manifest
from trainer.data.sample import Sample
from trainer.errors import ConfigError
from trainer.preparation import check_tumour_classes
from trainer.splitting.split_files import manifest_names, write_splits

_PLAN = "plan.json"
_SPLITS = "splits"


def shared_folds(data: Sequence[Path], out: Path, config: TrainConfig, folds: int | None) -> list[Path]:
    """Return the manifests of the folds (None: of one hold-out) in `out`; a new folder gets them first, as a whole.

    Raises DataError for data that cannot be split so, ConfigError when `out` holds runs on other data or folds,
    FileExistsError when it holds something else.
    """
    found = load_samples(data, config.class_map, config.keep_splits)
    check_tumour_classes(config, {sample.label for sample in found})
    plan = _plan(data, found, config, folds)
    path = out / _PLAN
    if path.is_file():
        if json.loads(path.read_text("utf-8")) != plan:
            raise ConfigError(
                f"{out}: holds runs on other data, folds or splits; choose another --out or remove the folder"
            )
    else:
        with new_folder(out) as folder:
            write_splits(data, folder / _SPLITS, config, folds)
            write_json(folder / _PLAN, plan)
    return [out / _SPLITS / name for name in manifest_names(folds)]


def held_out(manifest: Path) -> list[Sample]:
    """Return the images that a fold tests."""
    return [sample for sample in read_manifest(manifest) if sample.split == "test"]


def _plan(data: Sequence[Path], found: Sequence[Sample], config: TrainConfig, folds: int | None) -> dict[str, Any]:
    rows = [f"{sample.path.resolve()} {sample.label} {sample.group} {sample.split}" for sample in found]
    plan = {
        "data": [str(place.resolve()) for place in data],
        "files_sha256": hashlib.sha256("\n".join(rows).encode(errors="surrogateescape")).hexdigest(),
        "folds": folds,
        "splits": {key: getattr(config, key) for key in SPLIT_KEYS},
    }
    normalised: dict[str, Any] = json.loads(json.dumps(plan))
    return normalised
