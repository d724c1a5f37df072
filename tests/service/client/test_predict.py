"""The command line gives the answers of the HTTP interface, from this process and from a server."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from benchmarks.running_service import service_environment
from service import DISCLAIMER
from service.__main__ import main
from tests.pictures import bright, dark, encode, good_jpeg, good_png, truncated_jpeg
from tests.service.batch.zips import zipped as zip_of
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import nifti, zipped

ROOT = Path(__file__).parents[3]
SECRET = "DOE^JANE"


def dim(*shape: int) -> np.ndarray:
    """Return voxels that are dark for the most part, as the tiny model expects of a scan."""
    return (1000 * np.random.default_rng(0).random(shape) ** 2).astype("i2")


FILES = {
    "a.png": good_png(),
    "b.jpg": good_jpeg(),
    "broken.jpg": truncated_jpeg(),
    "empty.png": b"",
    "enhanced.dcm": dicom(dim(3, 40, 48).astype("u2"), frames=3),
    "many.zip": zip_of(good_png(), b"Dear colleague", encode(dark(seed=3))),
    "not a scan.txt": b"Dear colleague",
    "unlike.png": encode(bright()),
    "volume.nii.gz": zipped(nifti(dim(40, 48, 3))),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.fixture(autouse=True)
def _model(model_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_MODEL_PATH", str(model_path))


@pytest.fixture(params=["offline", "online"])
def where(request: pytest.FixtureRequest, client: httpx.Client) -> list[str]:
    """The options that choose who answers."""
    return [] if request.param == "offline" else ["--url", str(client.base_url)]


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def without_ids(answer: Any) -> Any:
    """Return an answer without what differs from request to request, or is the client's own."""
    if isinstance(answer, dict):
        return {key: without_ids(value) for key, value in answer.items() if key not in ("request_id", "path", "entry")}
    return [without_ids(item) for item in answer] if isinstance(answer, list) else answer


def test_all_files_are_answered_as_by_the_batch_endpoint(
    folder: Path, where: list[str], client: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [("files", (name, data)) for name, data in sorted(FILES.items())]
    answer = client.post("/predict/batch", files=files, headers={"Accept": "application/x-ndjson"})

    code = main(["predict", str(folder), *where])

    printed = lines(capsys.readouterr().out)
    assert code == 1
    assert len(printed) == 16
    assert without_ids(printed) == without_ids(lines(answer.text))


@pytest.mark.parametrize("name", ["a.png", "empty.png", "broken.jpg", "volume.nii.gz", "many.zip"])
@pytest.mark.parametrize("frame", [0, 2])
def test_one_frame_is_answered_as_by_the_predict_endpoint(
    folder: Path, where: list[str], client: httpx.Client, capsys: pytest.CaptureFixture[str], name: str, frame: int
) -> None:
    answer = client.post("/predict", files={"file": ("x", FILES[name])}, params={"frame": frame})

    code = main(["predict", str(folder / name), "--frame", str(frame), *where])

    result = lines(capsys.readouterr().out)[0]
    assert code == (0 if answer.status_code == 200 else 1)
    assert result["status"] == answer.status_code
    assert without_ids(result["prediction"] or result["problem"]) == without_ids(answer.json())


def test_each_line_names_the_file_as_it_was_typed(
    folder: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["predict", str(folder / "a.png"), str(folder / "many.zip"), *where])

    named = [(line["path"], line["entry"]) for line in lines(capsys.readouterr().out)[:-1]]
    archive = str(folder / "many.zip")
    assert named == [(str(folder / "a.png"), None), (archive, 0), (archive, 1), (archive, 2)]


def test_the_exit_code_is_0_when_all_were_answered(folder: Path, where: list[str]) -> None:
    assert main(["predict", str(folder / "a.png"), str(folder / "enhanced.dcm"), *where]) == 0


def test_overlays_are_those_of_the_service(
    folder: Path, where: list[str], client: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.post("/predict", content=FILES["b.jpg"], params={"explain": True}).json()

    main(["predict", str(folder / "b.jpg"), "--explain", str(folder / "new" / "maps"), *where])

    path = folder / "new" / "maps" / "b-0.png"
    assert lines(capsys.readouterr().out)[0]["prediction"]["heatmap"] == str(path)
    assert path.read_bytes() == base64.b64decode(answer["heatmap"].partition(",")[2])


def test_the_table_has_a_row_for_each_image_and_says_what_it_is_not_for(
    folder: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["predict", "--table", str(folder / "a.png"), str(folder / "empty.png"), *where])

    heading, good, bad, *end = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["FILE", "FRAME", "DECISION"]
    assert "no_tumor" in good
    assert "refused (422)" in bad
    assert "0 bytes" in bad
    assert end[0] == "2 images: 1 answered, 1 refused"
    assert end[-1] == DISCLAIMER


def test_a_name_cannot_steer_the_terminal(tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a\x1b[2J\n.png"
    path.write_bytes(good_png())

    assert main(["predict", "--table", str(path), *where]) == 0

    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert printed.count("\n") == 5


def test_a_name_that_is_no_utf8_is_printed_nevertheless(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a\udcff.png"
    path.write_bytes(good_png())

    assert main(["predict", str(path), *where]) == 0
    assert lines(capsys.readouterr().out)[0]["path"].endswith("a\ufffd.png")


def test_hidden_files_of_a_folder_are_left_out_and_those_below_it_are_not(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.png", ".hidden", "sub/b.png", ".git/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(good_png())

    main(["predict", str(tmp_path), *where])

    names = [line["path"] for line in lines(capsys.readouterr().out)[:-1]]
    assert names == [str(tmp_path / "a.png"), str(tmp_path / "sub" / "b.png")]


def test_limits_of_the_settings_hold_without_a_server(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_MAX_BYTES", "1024")

    assert main(["predict", str(folder / "a.png")]) == 1
    assert main(["predict", str(folder / "a.png"), "--frame", "0"]) == 1

    assert [line["status"] for line in lines(capsys.readouterr().out) if "status" in line] == [413, 413]


BAD_OPTIONS = {
    "no file": ([], "FILE"),
    "missing file": (["nowhere.png"], "nowhere.png: No such file or directory."),
    "name that cannot be": (["a\0b"], "embedded null byte"),
    "name that is too long": (["x" * 5000], "File name too long"),
    "device": (["/dev/null"], "/dev/null: this is neither a file nor a folder"),
    "unknown option": (["a.png", "--explian", "x"], "--explian"),
    "abbreviated option": (["a.png", "--tab"], "--tab"),
    "negative frame": (["a.png", "--frame=-1"], "--frame"),
    "frame in words": (["a.png", "--frame", "two"], "--frame"),
    "huge frame": (["a.png", "--frame", "9" * 5000], "--frame"),
    "two shapes": (["a.png", "--json", "--table"], "not allowed with"),
    "key without a server": (["a.png", "--api-key-file", "key"], "--url"),
    "no address": (["a.png", "--url", "mri"], "--url"),
    "another scheme": (["a.png", "--url", "ftp://mri"], "--url"),
    "bad port": (["a.png", "--url", "http://127.0.0.1:99999"], "Port out of range"),
    "bad host": (["a.png", "--url", "http://[::1"], "--url"),
    "address of several lines": (["a.png", "--url", "http://127.0.0.1/\r\nX: y"], "--url"),
    "user in the address": (["a.png", "--url", "http://jane:secret@127.0.0.1"], "--api-key-file"),
    "query in the address": (["a.png", "--url", "http://127.0.0.1/?a=b"], "query"),
    "missing key": (["a.png", "--url", "http://127.0.0.1:1", "--api-key-file", "nowhere"], "nowhere"),
    "key of two lines": (["a.png", "--url", "http://127.0.0.1:1", "--api-key-file", "two lines"], "one line"),
    "key of odd bytes": (["a.png", "--url", "http://127.0.0.1:1", "--api-key-file", "a.png"], "not ASCII text"),
    "nobody there": (["a.png", "--url", "http://127.0.0.1:1"], "http://127.0.0.1:1: Connection refused."),
    "no folder for overlays": (["a.png", "--explain", "a.png"], "a.png: File exists."),
    "empty folder": (["empty folder"], "there is no file in this folder"),
}


@pytest.mark.parametrize(("arguments", "complaint"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_what_cannot_be_used_is_named_in_one_line(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaint: str,
) -> None:
    (folder / "empty folder").mkdir()
    (folder / "two lines").write_text("a\nb\n")
    monkeypatch.chdir(folder)

    assert main(["predict", *arguments]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("brain-mri-service predict: ")
    assert printed.err.count("\n") == 1
    assert complaint in printed.err
    assert "secret" not in printed.err


@pytest.mark.parametrize(("name", "value"), [("MODEL_PATH", "nowhere.onnx"), ("THREADS", "many")])
def test_a_model_or_a_setting_that_cannot_be_used_is_named_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(f"SERVICE_{name}", value)

    assert main(["predict", str(folder / "a.png")]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert value in printed.err


def run_module(*arguments: str, code: str = "", **settings: object) -> subprocess.CompletedProcess[str]:
    command = ["-c", code] if code else ["-m", "service", "predict"]
    return subprocess.run(
        [sys.executable, *command, *arguments],
        cwd=ROOT,
        env=service_environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_web_server_is_not_loaded(folder: Path, model_path: Path) -> None:
    code = """
import sys
from service.__main__ import main
main(["predict", *sys.argv[1:]])
print(sorted({"fastapi", "starlette", "uvicorn"} & set(sys.modules)), file=sys.stderr)
"""

    ended = run_module(str(folder / "a.png"), code=code, model_path=model_path)

    assert ended.stderr == "[]\n"


def test_a_reader_that_leaves_early_is_no_error(folder: Path, model_path: Path) -> None:
    command = f"{sys.executable} -m service predict '{folder}' | head -n 1"

    ended = subprocess.run(
        command, shell=True, cwd=ROOT, env=service_environment(model_path=model_path), capture_output=True, text=True
    )

    assert ended.stdout.count("\n") == 1
    assert ended.stderr == ""


def test_help_says_what_the_exit_codes_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["predict", "--help"])

    printed = capsys.readouterr().out
    assert "exit codes" in printed
    assert DISCLAIMER in printed
