"""`trainer novelty`: the rates are those of the service; whatever is wrong is one line and exit code 2."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pydicom.uid import JPEGLosslessSV1

from service.phantom import brain_slice
from tests import pictures
from tests.service.imaging.dicom.objects import compressed, dataset, dicom, jpeg_lossless, written
from tests.service.imaging.nifti.volumes import nifti, zipped
from tests.tiny_model import write_model
from tests.trainer.pictures import write
from trainer.cli import main
from trainer.refusals.synthetic import KINDS, synthetic_png

Say = Callable[..., str]
DRAWN = 3


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that the tiny model refuses and accepts, flat and in folders, and scans with patients and splits."""
    root = tmp_path_factory.mktemp("data")
    write_model(root / "model.onnx")
    (root / "text.onnx").write_text("no model")
    (root / "empty").mkdir()
    write(root / "flat" / "bright.png", pictures.bright())
    write(root / "flat" / "blank.png", pictures.blank())
    (root / "flat" / "notes.txt").write_text("notes")
    for number in range(3):
        write(root / "photos" / "train" / "ants" / f"{number}.png", pictures.bright())
    write(root / "photos" / "val" / "bees" / "0.png", pictures.dark())
    write(root / "folder" / "Testing" / "glioma" / "0.png", pictures.dark())
    write(root / "folder" / "Training" / "glioma" / "0.png", pictures.bright())
    for number in range(6):
        write(root / "slices" / f"{number}.png", pictures.bright() if number == 5 else brain_slice(number, size=64))
    rows = [f"slices/{n}.png,glioma,p{n // 2},{'train' if n < 2 else 'test'},{'ab'[n > 3]}" for n in range(6)]
    (root / "scans.csv").write_text("\n".join(["path,label,group,split,source", *rows]))
    return root


@pytest.fixture
def measure(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[dict, str]]:
    """Run a command that must succeed; return its JSON and what it printed."""

    def run(*arguments: str) -> tuple[dict, str]:
        words = [word.replace("DATA", str(data)) for word in arguments]
        code = main(["novelty", str(data / "model.onnx"), *words, "--json", str(tmp_path / "new" / "rates.json")])
        assert code == 0
        return json.loads((tmp_path / "new" / "rates.json").read_text("utf-8")), capsys.readouterr().out

    return run


def problem_of(client: httpx.Client, png: bytes) -> str:
    """Return the code of the service's refusal, "" for an answer."""
    answer = client.post("/predict", content=png, headers={"Content-Type": "image/png"})
    return str(answer.json().get("type", "")).rpartition("/")[2]


def test_a_kind_is_any_folder_manifest_or_image(measure: Callable[..., tuple[dict, str]]) -> None:
    report, _ = measure(
        *("--synthetic", "0", "--kind", "flat=DATA/flat", "--kind", "photos=DATA/photos"),
        *("--kind", "listed=DATA/scans.csv", "--kind", "one=DATA/flat/bright.png"),
    )

    counts = {kind: (row["files"], row["judged"], row["refused"]) for kind, row in report["kinds"].items()}
    assert counts == {"flat": (3, 1, 1), "photos": (4, 4, 3), "listed": (6, 6, 1), "one": (1, 1, 1)}
    assert report["kinds"]["flat"]["refused_otherwise"] == {"blank-image": 1, "unsupported-format": 1}
    assert report["kinds"]["photos"]["rate"] == 0.75
    assert report["scans"] == {"overall": None, "sources": {}}


def test_a_folder_of_dicom_and_nifti_is_asked_about_like_any_other(
    measure: Callable[..., tuple[dict, str]], tmp_path: Path
) -> None:
    series = tmp_path / "series" / "of a PACS"
    series.mkdir(parents=True)
    (series / "bright.dcm").write_bytes(dicom(pictures.bright()))
    (series / "IM-0001").write_bytes(dicom(pictures.dark()))
    (series / "dark, compressed").write_bytes(compressed([pictures.dark()], JPEGLosslessSV1, jpeg_lossless))
    (series / "truncated.dcm").write_bytes(dicom(pictures.dark())[:-100])
    (series / "plan.dcm").write_bytes(written(dataset(pictures.dark())))
    (series / "volume.nii.gz").write_bytes(zipped(nifti(pictures.dark()[..., None])))

    report, _ = measure("--synthetic", "0", "--kind", f"series={series.parent}")

    row = report["kinds"]["series"]
    assert (row["files"], row["judged"]) == (6, 4)
    assert row["refused"] >= 1
    assert row["refused_otherwise"] == {"unreadable-image": 2}


def test_scans_are_counted_by_source_and_over_patients(measure: Callable[..., tuple[dict, str]]) -> None:
    report, printed = measure("--synthetic", "0", "--scans", "DATA/scans.csv", "--split", "test")

    sources, overall = report["scans"]["sources"], report["scans"]["overall"]
    assert {name: (row["judged"], row["refused"], row["groups"]) for name, row in sources.items()} == {
        "a": (2, 0, 1),
        "b": (2, 1, 1),
    }
    assert (overall["judged"], overall["refused"], overall["groups"]) == (4, 1, 2)
    assert overall["rate_95ci_over_groups"] == [0.0, 0.5]
    assert "over 2 groups instead of images: 0.0 to 50.0, too narrow for fewer than 20 groups" in printed


def test_the_split_may_be_that_of_folders_without_patients(measure: Callable[..., tuple[dict, str]]) -> None:
    report, printed = measure("--synthetic", "0", "--scans", "DATA/folder", "--split", "test")

    assert report["scans"]["sources"]["folder"]["judged"] == 1
    assert report["scans"]["overall"]["groups"] is None
    assert "No groups are given" in printed


def test_the_synthetic_kinds_meet_with_what_the_service_says(
    measure: Callable[..., tuple[dict, str]], client: httpx.Client
) -> None:
    report, _ = measure("--synthetic", str(DRAWN), "--seed", "5")

    for kind, row in report["kinds"].items():
        codes = [problem_of(client, synthetic_png(kind, number, 5)) for number in range(DRAWN)]
        assert row["refused"] == codes.count("out-of-distribution"), kind
        assert row["refused_otherwise"].get("blank-image", 0) == codes.count("blank-image"), kind
    assert report["kinds"].keys() == KINDS.keys()
    assert {row["refused"] for row in report["kinds"].values()} > {0}
    assert report["seed"] == 5


def test_the_table_shows_rate_interval_model_and_disclaimer(measure: Callable[..., tuple[dict, str]]) -> None:
    report, printed = measure("--synthetic", str(DRAWN), "--kind", "photos=DATA/photos", "--scans", "DATA/scans.csv")

    lines = {line.split()[0]: line for line in printed.splitlines() if line}
    assert lines["photos"].split()[1:7] == ["4", "3", "75.0%", "30.1", "to", "95.4"]
    assert f"not judged: {DRAWN} blank-image" in lines["blank"]
    assert lines["all"].split()[1:4] == ["6", "1", "16.7%"]
    assert report["model"]["sha256"][:12] in printed
    assert report["disclaimer"] == "Research use only. Not for diagnostic use."
    assert printed.rstrip().endswith(report["disclaimer"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--kind", "photos=DATA/nowhere"), "nowhere: no such file or folder"),
        (("--kind", "photos=DATA/empty"), "empty: no files"),
        (("--scans", "DATA/nowhere"), "nowhere: no such folder or manifest"),
        (("--scans", "DATA/scans.csv", "--split", "validation"), "no image of split 'validation' in the data"),
        (("--split", "test"), "--split test is for scans; name them with --scans"),
        (("--kind", "a=DATA/flat", "--kind", "a=DATA/photos"), "--kind a: there are two kinds of that name"),
        (("--kind", "text=DATA/flat", "--synthetic", "1"), "--kind text: there are two kinds of that name"),
        (("--synthetic", "0"), "nothing to measure; give --kind, --scans or --synthetic"),
        (("--synthetic", "-1"), "--synthetic is -1; it must lie between 0 and 100000"),
        (("--seed", "-1"), "--seed is -1; it must be at least 0"),
        (("--json", "DATA/flat"), "flat: is a folder; name the file to be written"),
    ],
)
def test_what_is_wrong_is_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    words = [word.replace("DATA", str(data)) for word in arguments]

    code = main(["novelty", str(data / "model.onnx"), "--json", str(tmp_path / "rates.json"), *words])

    (line,) = capsys.readouterr().err.splitlines()
    assert code == 2
    assert line.startswith("trainer: ") and message in line
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_model_is_one_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["novelty", str(data / "text.onnx")]) == 2

    assert "text.onnx: not an ONNX model that can be loaded" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["photos", "=photos", "photos="])
def test_a_kind_needs_a_name_and_a_place(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["novelty", "model.onnx", "--kind", kind])

    assert exit_.value.code == 2
    assert f"'{kind}' is not of the form photos=folder" in capsys.readouterr().err
