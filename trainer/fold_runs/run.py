"""A network on one fold, trained in a folder as `trainer train` would."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trainer.config import TrainConfig
from trainer.fold_runs.network import Network
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


def check_runs(runs: Sequence[Run]) -> None:
    """Raise ConfigError where the folder of a run holds one with other data or options; nothing is written."""
    for run in runs:
        check_run([run.manifest], run.folder, run.config)
