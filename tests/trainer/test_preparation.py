"""From places on disk to classes and splits, written to the folder of the run."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.pictures import class_folders, picture, write
from trainer.config import TrainConfig, make_config
from trainer.data.dataset import load_samples
from trainer.data.manifest import read_manifest, write_manifest
from trainer.errors import ConfigError, DataError
from trainer.preparation import prepare


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "scans", {"glioma": 20, "no_tumor": 20})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def config(**values: object) -> TrainConfig:
    return make_config({"size": 32, **values})


def pretend_trained(out: Path) -> None:
    (out / "fit").mkdir()
    (out / "fit" / "progress.json").write_text("{}")


def test_the_run_tells_what_was_used_and_how_it_was_split(scans: Path, out: Path) -> None:
    (scans / "glioma" / "bad.jpg").write_bytes(b"no picture")

    prepared = prepare([scans], out, config())

    assert prepared.classes == ("glioma", "no_tumor")
    assert len(prepared.samples) == len(prepared.images.pixels) == 40
    assert Counter(s.split for s in read_manifest(out / "split.csv")) == Counter(s.split for s in prepared.samples)
    assert [Path(skip["path"]).name for skip in json.loads((out / "skipped.json").read_text())] == ["bad.jpg"]


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"min_images": 21}, DataError, "class 'glioma' has 20 usable images; at least 21"),
        (
            {"tumour_classes": ["glioma", "tumour"]},
            ConfigError,
            r"tumour_classes \['tumour'\] are no classes of the data",
        ),
        ({"class_map": {"glioma": "no_tumor"}}, DataError, r"1 class\(es\) \['no_tumor'\]"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(
    scans: Path, out: Path, values: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        prepare([scans], out, config(**values))


def test_a_class_of_which_no_file_can_be_read_is_not_forgotten(scans: Path, out: Path) -> None:
    write(scans / "pituitary" / "0.png", picture(1)).write_bytes(b"")

    with pytest.raises(DataError, match="class 'pituitary' has 0 usable images"):
        prepare([scans], out, config())


def test_an_attempt_that_failed_before_training_may_be_corrected(scans: Path, out: Path) -> None:
    with pytest.raises(DataError):
        prepare([scans.parent / "sacns"], out, config(size=64))

    prepare([scans], out, config())


def test_the_same_command_goes_on(scans: Path, out: Path) -> None:
    first = prepare([scans], out, config())
    pretend_trained(out)

    second = prepare([scans], out, config())

    assert second.samples == first.samples


@pytest.mark.parametrize("change", ["options", "data", "one image more", "one image other", "one name other"])
def test_a_folder_in_which_something_else_was_trained_is_refused(scans: Path, out: Path, change: str) -> None:
    prepare([scans], out, config())
    pretend_trained(out)
    before = (out / "split.csv").read_bytes()
    place, values, named = scans, {}, "split"
    if change == "options":
        values, named = {"seed": 1, "zoom": 0.3}, "seed, zoom"
    elif change == "data":
        place, named = class_folders(scans.parent / "others", {"glioma": 20, "no_tumor": 20}), "data"
    elif change == "one image more":
        write(scans / "glioma" / "99.png", picture(99))
    elif change == "one image other":
        write(scans / "glioma" / "7.png", picture(99))
    else:
        (scans / "glioma" / "7.png").rename(scans / "glioma" / "00.png")

    with pytest.raises(ConfigError, match=rf"other data or options \({named}\); choose another --out or remove"):
        prepare([place], out, config(**values))

    assert (out / "split.csv").read_bytes() == before


@pytest.fixture
def outlined(scans: Path) -> Path:
    """Return a manifest of `scans` in which every glioma has a mask."""
    mask = np.zeros((48, 48), np.uint8)
    mask[:24] = 255
    path = write(scans.parent / "mask.png", mask)
    found = load_samples([scans], {}, False)
    manifest = scans.parent / "outlined.csv"
    write_manifest(manifest, [replace(one, mask=path) if one.label == "glioma" else one for one in found])
    return manifest


def test_masks_are_there_where_they_are_to_be_learnt_from(outlined: Path, out: Path) -> None:
    without, learnt = (prepare([outlined], out, config(mask_loss=weight)).masks for weight in (0.0, 1.0))

    assert without is None
    assert learnt is not None and learnt.shape == (40, 32, 32, 1)


@pytest.mark.parametrize("change", ["tumour classes", "masks"])
def test_a_run_that_learnt_from_other_masks_is_not_resumed(outlined: Path, out: Path, change: str) -> None:
    prepare([outlined], out, config(mask_loss=1.0, tumour_classes=["glioma"]))
    pretend_trained(out)
    prepare([outlined], out, config(mask_loss=1.0, tumour_classes=["glioma"]))
    if change == "masks":
        write(outlined.parent / "mask.png", np.full((48, 48), 255, np.uint8))

    with pytest.raises(ConfigError, match=r"holds a run with other data or options \(masks\)"):
        prepare([outlined], out, config(mask_loss=1.0, tumour_classes=["glioma"] if change == "masks" else []))


def test_a_run_that_learnt_from_masks_is_not_resumed_with_other_options(outlined: Path, out: Path) -> None:
    prepare([outlined], out, config(mask_loss=1.0, tumour_classes=["glioma"]))
    pretend_trained(out)

    with pytest.raises(ConfigError, match=r"holds a run with other data or options \(zoom\)"):
        prepare([outlined], out, config(mask_loss=1.0, tumour_classes=["glioma"], zoom=0.3))


def test_without_learning_from_masks_tumour_classes_may_change(scans: Path, out: Path) -> None:
    prepare([scans], out, config(tumour_classes=["glioma"]))
    pretend_trained(out)

    prepare([scans], out, config())


def test_bad_data_is_told_without_waiting_for_tensorflow() -> None:
    program = (
        "import sys, trainer.cli, trainer.preparation; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
