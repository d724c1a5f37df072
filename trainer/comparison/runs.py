"""The training runs of a comparison: each network on each fold."""

from collections.abc import Sequence
from pathlib import Path

from trainer.fold_runs.network import Network
from trainer.fold_runs.run import Run, check_runs


def runs_of(out: Path, networks: Sequence[Network], manifests: Sequence[Path]) -> list[Run]:
    """Return the runs in the order in which they are trained: every network on a fold before the next fold.

    Raises ConfigError where a folder holds a run with other data or options.
    """
    runs = [Run(network, fold, out / network.name / fold.stem) for fold in manifests for network in networks]
    check_runs(runs)
    return runs
