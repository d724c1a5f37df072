"""The command line: whatever is wrong is one line on stderr and exit code 2."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tiny_model import CLASSES, write_model
from tests.trainer.networks import TINY_BACKBONE
from tests.trainer.pictures import class_folders
from trainer.cli import main

TINY = (
    *("--size", "32", "--backbone", "tiny", "--weights", "DATA/tiny.weights.h5"),
    *("--head", "4", "--frozen-epochs", "1"),
)
Say = Callable[..., str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of data, good and bad."""
    root = tmp_path_factory.mktemp("data")
    class_folders(root / "good", {"glioma": 12, "no_tumor": 12})
    class_folders(root / "one-class", {"glioma": 12})
    class_folders(root / "few", {"glioma": 12, "no_tumor": 2})
    (root / "empty").mkdir()
    (root / "picture.csv").write_bytes((root / "good" / "glioma" / "0.png").read_bytes())
    (root / "columns.csv").write_text("file,label\na.png,x\n")
    (root / "missing.csv").write_text("path,label\nnowhere.png,x\n")
    (root / "text.onnx").write_text("this is no model")
    (root / "text.h5").write_text("these are no weights")
    (root / "text.toml").write_text("[[[")
    write_model(root / "foreign.onnx", card_json="")
    write_model(root / "model.onnx")
    TINY_BACKBONE.build(False, None, (32, 32, 3), "other").save_weights(root / "tiny.weights.h5")
    return root


@pytest.fixture
def say(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command that must fail; return its one line on stderr."""

    def run(*arguments: str) -> str:
        words = [word.replace("DATA", str(data)).replace("OUT", str(tmp_path / "out")) for word in arguments]
        code = main(words)
        lines = capsys.readouterr().err.splitlines()
        assert code == 2
        assert len(lines) == 1 and lines[0].startswith("trainer: "), lines
        return lines[0]

    return run


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("missing", "missing: no such folder or manifest"),
        ("empty", "empty: no images; expected one folder for each class"),
        ("one-class", "the data has 1 class(es) ['glioma']; at least two are needed"),
        ("few", "class 'no_tumor' has 2 usable images; at least 10 are needed"),
        ("picture.csv", "picture.csv: not a CSV file in UTF-8"),
        ("columns.csv", "columns.csv: the columns ['path'] are missing"),
        ("missing.csv", "missing.csv, line 2: there is no file"),
    ],
)
def test_train_says_what_is_wrong_with_the_data(say: Say, place: str, message: str) -> None:
    assert message in say("train", f"DATA/{place}", "--out", "OUT", *TINY)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--preset", "brain"), "preset 'brain': no such preset or file; there are brain-tumor-mri, "),
        (("--preset", "DATA/text.toml"), "not valid TOML"),
        (("--size", "7"), "size is 7; it must lie between 32 and 1024"),
        (("--name", "my model"), "name is 'my model'; it must consist of letters"),
        (("--weights", "none", "--fine-tune-epochs", "0"), "weights is 'none' and fine_tune_epochs is 0; a network"),
        (("--head", "8,0"), "each layer must have between 1 and 65536 units"),
        (("--tumour-classes", "gioma"), "tumour_classes ['gioma'] are no classes of the data"),
        (("--class-map", "glioma=no_tumor"), "the data has 1 class(es)"),
        (("--out", "DATA/text.onnx"), "text.onnx"),
    ],
)
def test_train_says_what_is_wrong_with_an_option(say: Say, options: tuple[str, ...], message: str) -> None:
    assert message in say("train", "DATA/good", "--out", "OUT", *TINY, *options)


@pytest.mark.usefixtures("tiny_backbone")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--backbone", "resnet9000"), "backbone 'resnet9000' is unknown; there are mobilenet_v2"),
        (
            ("--backbone", "mobilenet_v2", "--weights", "DATA/none.h5"),
            "none.h5': no such file; give a path, 'imagenet' or",
        ),
        (("--backbone", "mobilenet_v2", "--weights", "DATA/text.h5"), "text.h5' cannot be loaded into mobilenet_v2"),
        (("--backbone", "mobilenet_v2", "--weights", "DATA/tiny.weights.h5"), "cannot be loaded into mobilenet_v2"),
        (("--weights", "none", "--fine-tune-from", "Conv2"), "weights is 'none', so all is trained from scratch; fine"),
        (("--fine-tune-from", "block_99"), "fine_tune_from 'block_99' is no layer of the backbone; try one of Conv1"),
    ],
)
def test_train_says_what_is_wrong_with_the_network(say: Say, options: tuple[str, ...], message: str) -> None:
    assert message in say("train", "DATA/good", "--out", "OUT", *TINY, *options)


def test_train_refuses_the_folder_of_another_run(say: Say, tmp_path: Path) -> None:
    (tmp_path / "out" / "fit").mkdir(parents=True)
    (tmp_path / "out" / "fit" / "progress.json").write_text("{}")
    (tmp_path / "out" / "run.json").write_text('{"data": ["/elsewhere"]}')

    assert "out: holds a run with other data or options" in say("train", "DATA/good", "--out", "OUT", *TINY)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("DATA/none.onnx", "DATA/good"), "none.onnx: cannot read the model file"),
        (("DATA/text.onnx", "DATA/good"), "text.onnx: not an ONNX model"),
        (("DATA/good", "DATA/good"), "good: cannot read the model file (Is a directory)"),
        (("DATA/foreign.onnx", "DATA/good"), "foreign.onnx: the metadata holds no card"),
        (("DATA/model.onnx", "DATA/missing"), "missing: no such folder or manifest"),
        (("DATA/model.onnx", "DATA/empty"), "empty: no images"),
        (("DATA/model.onnx", "DATA/good", "--split", "test"), "no image of split 'test' in the data"),
        (("DATA/model.onnx", "DATA/good", "--class-map", "glioma=tumour"), "does not know the label(s) ['tumour']"),
        (
            ("DATA/model.onnx", "DATA/good", "--report", "DATA/text.toml"),
            "text.toml: is a file; give --report a folder",
        ),
    ],
)
def test_evaluate_says_what_is_wrong(say: Say, arguments: tuple[str, ...], message: str) -> None:
    assert message in say("evaluate", *arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("DATA/none.onnx", "DATA/good", "--out", "OUT"), "none.onnx: cannot read the model file"),
        (("DATA/foreign.onnx", "DATA/good", "--out", "OUT"), "foreign.onnx: the metadata holds no card"),
        (("DATA/model.onnx", "DATA/missing", "--out", "OUT"), "missing: no such file or folder"),
        (("DATA/model.onnx", "DATA/empty", "--out", "OUT"), "empty: no files"),
        (("DATA/model.onnx", "DATA/missing.csv", "--out", "OUT"), "missing.csv, line 2: there is no file"),
        (
            ("DATA/model.onnx", "DATA/good", "--out", "OUT", "--grid", "-1"),
            "--grid is -1; it must lie between 0 and 400",
        ),
        (("DATA/model.onnx", "DATA/good", "--out", "DATA/text.h5"), "text.h5: File exists"),
    ],
)
def test_predict_says_what_is_wrong(say: Say, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in say("predict", *arguments)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("DATA/missing",), "missing: no such folder or manifest"),
        (("DATA/empty",), "empty: no images; expected one folder for each class"),
        (("DATA/one-class",), "the data has 1 class(es) ['glioma']; at least two are needed"),
        (("DATA/few",), "class 'no_tumor' has 2 usable images; at least 10 are needed"),
        (("DATA/columns.csv",), "columns.csv: the columns ['path'] are missing"),
        (("DATA/picture.csv", "--folds", "5"), "picture.csv: not a CSV file in UTF-8"),
        (("DATA/good", "--test-fraction", "0.9"), "test_fraction is 0.9; it must lie between"),
        (("DATA/good", "--folds", "1"), "--folds is 1; it must lie between 2 and 20"),
        (("DATA/good", "--folds", "20"), "24 images in 24 groups are too few for 20 folds; take fewer --folds"),
        (("DATA/good", "--folds", "5", "--test-fraction", "0.2"), "--test-fraction is for a hold-out"),
        (("DATA/good", "--out", "DATA/good"), "good: exists and is not empty; choose another folder"),
        (("DATA/good", "--out", "DATA/text.h5/x"), "text.h5"),
    ],
)
def test_split_says_what_is_wrong_and_writes_nothing(
    say: Say, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert message in say("split", "--out", "OUT", *arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("DATA/none.onnx", "--format", "onnx", "--out", "OUT"), "none.onnx: cannot read the model file"),
        (("DATA/good", "--format", "onnx", "--out", "OUT"), "model.onnx: cannot read the model file"),
        (("DATA/foreign.onnx", "--format", "joblib", "--out", "OUT"), "foreign.onnx: the metadata holds no card"),
        (
            ("DATA/model.onnx", "--format", "onnx", "--out", "DATA/model.onnx"),
            "is the model itself; give --out another",
        ),
        (("DATA/model.onnx", "--format", "onnx", "--out", "DATA/good"), "good: is a folder; give --out a file"),
        (("DATA/model.onnx", "--format", "keras", "--out", "OUT"), "--format keras needs the folder of the run"),
        (("DATA/model.onnx", "--format", "int8", "--out", "OUT"), "split.csv: no such folder or manifest"),
        (("DATA/model.onnx", "--format", "int8", "--data", "DATA/good", "--out", "OUT"), "no image of split 'train'"),
    ],
)
def test_export_says_what_is_wrong(say: Say, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in say("export", *arguments)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["onnx", "joblib"])
def test_export_writes_the_format(data: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "model"

    assert main(["export", str(data / "model.onnx"), "--format", kind, "--out", str(out)]) == 0

    assert f"{kind}: {out}" in capsys.readouterr().out
    assert (kind == "onnx") == (out.read_bytes() == (data / "model.onnx").read_bytes())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("none.csv", "none.csv: no such table"),
        ("columns.csv", "the columns ['class'] are missing; it has ['file', 'label']"),
    ],
)
def test_manifest_says_what_is_wrong(say: Say, table: str, message: str) -> None:
    assert message in say("manifest", f"DATA/{table}", "--out", "OUT")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("train",),
        ("train", "x"),
        ("train", "x", "--out", "y", "--size", "big"),
        ("train", "x", "--out", "y", "--head", "big"),
        ("train", "x", "--out", "y", "--class-map", "big"),
        ("train", "x", "--out", "y", "--keep-splits", "perhaps"),
        ("evaluate", "x"),
        ("predict", "x", "--out", "y"),
        ("predict", "x", "y"),
        ("predict", "x", "y", "--out", "z", "--grid", "many"),
        ("split", "x"),
        ("split", "x", "--out", "y", "--folds", "many"),
        ("evaluate", "x", "y", "--split", "all"),
        ("cross-validate", "x"),
        ("cross-validate", "x", "--out", "y", "--folds", "many"),
        ("compare", "x", "--out", "y"),
        ("audit",),
        ("audit", "x", "--clean-level", "all"),
        ("export", "x", "--out", "y"),
        ("export", "x", "--out", "y", "--format", "pickle"),
        ("novelty",),
        ("novelty", "x", "--synthetic", "many"),
        ("novelty", "x", "--split", "all"),
    ],
)
def test_wrong_usage_exits_with_2_and_names_the_argument(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)

    assert exit_.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "error: " in last and "_integers" not in last and "_mapping" not in last


COMMANDS = (
    "audit",
    "split",
    "train",
    "cross-validate",
    "compare",
    "evaluate",
    "novelty",
    "predict",
    "export",
    "manifest",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])

    assert exit_.value.code == 0
    assert f"example: python -m trainer {command} " in " ".join(capsys.readouterr().out.split())


def test_help_of_all_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    help_ = capsys.readouterr().out
    assert all(part in help_ for part in (*COMMANDS, "Research use only"))


@pytest.mark.usefixtures("few_resamples")
def test_evaluate_prints_the_scores_and_writes_them(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["evaluate", str(data / "model.onnx"), str(data / "good"), "--json", str(tmp_path / "scores.json")])

    printed = capsys.readouterr().out
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert code == 0
    assert f"accuracy {100 * scores['overall']['accuracy']:.1f}%" in printed
    assert all(name in printed for name in CLASSES)


def test_predict_tells_the_decisions_and_where_they_stand(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["predict", str(data / "model.onnx"), str(data / "good"), "--out", str(tmp_path), "--novelty", "warn"])
        == 0
    )

    printed = capsys.readouterr().out
    assert printed.startswith("24 files: ") and "refused" not in printed
    assert str(tmp_path / "predictions.csv") in printed
    assert "Research use only. Not for diagnostic use." in printed


@pytest.mark.usefixtures("few_resamples")
def test_split_writes_manifests_that_evaluate_takes(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["split", str(data / "good"), "--folds", "3", "--out", str(tmp_path / "folds")]) == 0
    told = capsys.readouterr().out

    for number in (1, 2, 3):
        manifest = tmp_path / "folds" / f"fold-{number}.csv"
        assert main(["evaluate", str(data / "model.onnx"), str(manifest), "--split", "test"]) == 0
        assert "== all images: 8 images in 8 groups" in capsys.readouterr().out
        assert (
            f"{manifest}: 12 train, 4 validation, 8 test, 0 excluded; 24 groups; tested: 4 glioma, 4 no_tumor" in told
        )


@pytest.mark.usefixtures("few_resamples")
def test_evaluate_fits_the_controls_on_the_training_images_of_the_data(data: Path, tmp_path: Path) -> None:
    rows = [
        f"good/{label}/{n}.png,{label},{'test' if n < 4 else 'train'}"
        for label in ("glioma", "no_tumor")
        for n in range(12)
    ]
    manifest = data / "split.csv"
    manifest.write_text("\n".join(["path,label,split", *rows]))

    code = main(
        ["evaluate", str(data / "model.onnx"), str(manifest), "--split", "test", "--report", str(tmp_path / "report")]
    )

    scores = json.loads((tmp_path / "report" / "metrics.json").read_text())
    assert code == 0
    assert scores["overall"]["images"] == 8
    assert scores["controls"].keys() == {"majority", "header", "intensity", "nearest-thumbnail"}
    assert scores["controls"]["majority"]["overall"] == 0.5
    assert (tmp_path / "report" / "report.html").is_file()
    manifest.unlink()


def test_an_interrupted_evaluation_leaves_nothing_half_written(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trainer.evaluation.report_folder.plots", interrupt)
    monkeypatch.setattr("trainer.evaluation.bootstrap.RESAMPLES", 5)

    assert main(["evaluate", str(data / "model.onnx"), str(data / "good"), "--report", str(tmp_path / "report")]) == 130
    assert capsys.readouterr().err == "trainer: interrupted; nothing half-written is left\n"
    assert not (tmp_path / "report").exists()


@pytest.mark.usefixtures("few_resamples")
def test_manifest_turns_a_table_into_data_that_evaluate_takes(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = data / "good" / "table.csv"
    table.write_text("file,kind,patient\n0.png,1,a\n1.png,1,b\n")
    made = tmp_path / "made.csv"
    options = ["--images", "glioma", "--label-column", "kind", "--group-column", "patient", "--class-map", "1=glioma"]

    assert main(["manifest", str(table), "--out", str(made), *options]) == 0
    assert main(["evaluate", str(data / "model.onnx"), str(made)]) == 0

    assert "== all images: 2 images in 2 groups" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (OSError(28, "No space left on device"), 2, "trainer: file system: No space left on device"),
        (PermissionError(13, "Permission denied", "/data/x"), 2, "trainer: /data/x: Permission denied"),
        (KeyboardInterrupt(), 130, "trainer: interrupted; the same command resumes the run"),
    ],
)
def test_what_the_system_refuses_is_one_line_too(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    line: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("trainer.preparation.load_images", fail)

    assert main(["train", str(data / "good"), "--out", str(tmp_path / "out"), *TINY]) == code
    assert capsys.readouterr().err == line + "\n"
