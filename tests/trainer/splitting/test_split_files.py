"""The manifests that `trainer split` writes, and what `trainer train` makes of them."""

from collections import Counter
from pathlib import Path

import pytest

from tests.trainer.pictures import class_folders, picture, write
from trainer.config import make_config
from trainer.data.manifest import read_manifest, write_manifest
from trainer.data.sample import SPLITS, Sample
from trainer.preparation import prepare
from trainer.splitting.split_files import read_skipped, write_splits

CONFIG = make_config({"size": 32})
BLOCK = 3


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Two classes of twenty pictures, of which every fourth has a copy."""
    folder = class_folders(tmp_path / "scans", {"glioma": 20, "no_tumor": 20})
    for label in ("glioma", "no_tumor"):
        for number in range(0, 20, 4):
            (folder / label / f"copy-{number}.png").write_bytes((folder / label / f"{number}.png").read_bytes())
    return folder


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """A manifest of two ordered series of 24 blocks."""
    samples = []
    for kind, label in enumerate(("glioma", "no_tumor")):
        for number in range(24 * BLOCK):
            path = write(tmp_path / label / f"{number}.png", picture(1000 * kind + number, kind))
            samples.append(Sample(path, label, "ordered", series=label, block=BLOCK))
    write_manifest(tmp_path / "ordered.csv", samples)
    return tmp_path / "ordered.csv"


def names(path: Path, split: str) -> list[str]:
    return [str(sample.path.resolve()) for sample in read_manifest(path) if sample.split == split]


def test_a_hold_out_is_one_manifest(scans: Path, tmp_path: Path) -> None:
    (line,) = write_splits([scans], tmp_path / "out", CONFIG, folds=None)

    samples = read_manifest(tmp_path / "out" / "split.csv")
    counts = Counter(sample.split for sample in samples)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["skipped.json", "split.csv"]
    assert len(samples) == 50 and set(counts) == set(SPLITS)
    assert all(f"{count} {split}" in line for split, count in counts.items())


def test_folds_test_every_file_once_and_keep_copies_together(scans: Path, tmp_path: Path) -> None:
    (scans / "glioma" / "bad.png").write_bytes(b"no picture")

    lines = write_splits([scans], tmp_path / "out", CONFIG, folds=4)

    manifests = [tmp_path / "out" / f"fold-{number}.csv" for number in range(1, 5)]
    tested = Counter(name for manifest in manifests for name in names(manifest, "test"))
    assert set(tested.values()) == {1} and len(tested) == 50
    (skip,) = read_skipped(tmp_path / "out")
    assert skip.path == scans / "glioma" / "bad.png" and skip.reason.startswith("Unsupported image format")
    assert lines[-1] == f"1 file(s) not used: {tmp_path / 'out' / 'skipped.json'}"
    for manifest in manifests:
        splits: dict[bytes, set[str | None]] = {}
        for sample in read_manifest(manifest):
            splits.setdefault(sample.path.read_bytes(), set()).add(sample.split)
        assert all(len(found) == 1 for found in splits.values())


@pytest.mark.parametrize("folds", [None, 3])
def test_train_respects_the_splits_of_a_manifest(scans: Path, series: Path, tmp_path: Path, folds: int | None) -> None:
    write_splits([scans, series], tmp_path / "out", CONFIG, folds)
    manifest = tmp_path / "out" / ("split.csv" if folds is None else "fold-2.csv")

    prepared = prepare([manifest], tmp_path / "run", make_config({"size": 48, "seed": 9, "test_fraction": 0.4}))

    for split in SPLITS:
        used = [str(sample.path.resolve()) for sample in prepared.samples if sample.split == split]
        assert used == names(manifest, split)


def test_gaps_of_an_ordered_series_are_in_the_manifest_but_not_in_the_data(series: Path, tmp_path: Path) -> None:
    lines = write_splits([series], tmp_path / "out", CONFIG, folds=3)

    for number, line in enumerate(lines, start=1):
        text = (tmp_path / "out" / f"fold-{number}.csv").read_text()
        excluded = text.count(",excluded,")
        assert excluded > 0 and f"{excluded} excluded" in line
        assert len(read_manifest(tmp_path / "out" / f"fold-{number}.csv")) == 2 * 24 * BLOCK - excluded


def test_the_seed_decides(scans: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_splits([scans], tmp_path / name, make_config({"seed": seed}), folds=3)

    first, again, other = ((tmp_path / name / "fold-1.csv").read_text() for name in "abc")
    assert first == again != other


def test_an_interruption_leaves_nothing(scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def interrupt(path: Path, samples: list[Sample]) -> None:
        write_manifest(path, samples)
        written.append(path)
        if len(written) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("trainer.splitting.split_files.write_manifest", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_splits([scans], tmp_path / "out", CONFIG, folds=3)

    assert len(written) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["scans"]
