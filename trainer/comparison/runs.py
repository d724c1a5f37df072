"""The training runs of a comparison: each network on each fold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trainer.comparison.networks import Network
from trainer.config import TrainConfig
from trainer.preparation import check_run


@dataclass(frozen=True)
class Run:
    """One network on the fold of one manifest, kept in a folder as `trainer train` would."""

    network: Network
    manifest: Path
    folder: Path

    @property
    def config(self) -> TrainConfig:
        """The configuration of the network; labels are renamed already, in the manifest."""
        return replace(self.network.config, class_map={})

    @property
    def model(self) -> Path:
        """The exported file."""
        return self.folder / "model.onnx"

    @property
    def finished(self) -> bool:
        """Whether the last file that a training writes is there."""
        return self.model.is_file() and (self.folder / "report.txt").is_file()


def runs_of(out: Path, networks: Sequence[Network], manifests: Sequence[Path]) -> list[Run]:
    """Return the runs in the order in which they are trained: every network on a fold before the next fold.

    Raises ConfigError where a folder holds a run with other data or options.
    """
    runs = [Run(network, fold, out / network.name / fold.stem) for fold in manifests for network in networks]
    for run in runs:
        check_run([run.manifest], run.folder, run.config)
    return runs
