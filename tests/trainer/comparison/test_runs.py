"""The runs of a comparison, before anything is trained."""

from pathlib import Path

from trainer.comparison.runs import runs_of
from trainer.config import make_config
from trainer.fold_runs.network import Network

NETWORKS = [Network(name, make_config({"size": size})) for name, size in (("a", 32), ("b", 48))]


def test_a_fold_is_trained_by_all_networks_before_the_next(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, NETWORKS, [tmp_path / "splits" / f"fold-{n}.csv" for n in (1, 2)])

    assert [run.folder.relative_to(tmp_path).as_posix() for run in runs] == [
        *("a/fold-1", "b/fold-1", "a/fold-2", "b/fold-2")
    ]
    assert not list(tmp_path.iterdir())
