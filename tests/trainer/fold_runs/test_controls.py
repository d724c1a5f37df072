"""The controls on all folds."""

from pathlib import Path

from tests.trainer.fold_runs.made import two_folds
from trainer.fold_runs.controls import control_labels


def test_controls_are_fitted_on_the_training_images_of_each_fold(tmp_path: Path) -> None:
    manifests = two_folds(tmp_path)
    scans = tmp_path / "scans"
    trained_on = scans / "no_tumor" / "1.png"
    (scans / "glioma" / "0.png").write_bytes(trained_on.read_bytes())

    labels = control_labels(manifests)

    assert set(labels) == {"header", "intensity", "nearest-thumbnail"}
    assert all(sorted(found) == sorted(scans.rglob("*.png")) for found in labels.values())
    assert labels["nearest-thumbnail"][scans / "glioma" / "0.png"] == "no_tumor"
