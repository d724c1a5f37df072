"""Folds made by hand."""

from pathlib import Path

from tests.trainer.pictures import class_folders
from trainer.data.manifest import write_manifest
from trainer.data.sample import Sample


def two_folds(root: Path) -> list[Path]:
    """Write twelve pictures and the manifests of two folds; the first tests the even ones of each class."""
    folder = class_folders(root / "scans", {"glioma": 8, "no_tumor": 4})
    paths = []
    for fold in (0, 1):
        samples = []
        for path in sorted(folder.rglob("*.png")):
            split = "test" if int(path.stem) % 2 == fold else "train"
            samples.append(Sample(path, path.parent.name, "scans", f"{path.parent.name}-{path.stem}", split))
        paths.append(root / f"fold-{fold + 1}.csv")
        write_manifest(paths[-1], samples)
    return paths
