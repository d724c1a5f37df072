import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from benchmarks.running_service import running_service, service_environment
from service import __version__
from service.__main__ import main
from service.auth.api_keys import make_key, read_key_file
from service.settings import Settings, variable
from tests.pictures import good_png
from tests.tiny_model import card, write_model

SECRET = "DOE^JANE"


def start(**settings: object) -> subprocess.CompletedProcess[str]:
    """Run the service to its end, which is expected to be soon."""
    return subprocess.run(
        [sys.executable, "-m", "service"],
        env=service_environment(**settings),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )


def not_onnx(path: Path) -> Path:
    path.write_text("Dear colleague")
    return path


FOREIGN: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "No such file or directory"),
    "not ONNX": (not_onnx, "not an ONNX model"),
    "no card": (lambda path: write_model(path, ""), "no card"),
    "another schema": (lambda path: write_model(path, json.dumps(card(card_schema=2))), "card_schema"),
    "not JSON": (lambda path: write_model(path, "{"), "not of schema"),
    "other classes": (
        lambda path: write_model(path, json.dumps(card(classes=[{"name": "yes"}, {"name": "no"}]))),
        "'probabilities'",
    ),
    "another size": (lambda path: write_model(path, size=64), "'image'"),
}


@pytest.mark.parametrize(("write", "complaint"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_model_is_named_in_one_line_and_never_served(
    tmp_path: Path, write: Callable[[Path], object], complaint: str
) -> None:
    path = tmp_path / "model.onnx"
    write(path)

    ended = start(model_path=path, port=0)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert str(path) in ended.stderr
    assert complaint in ended.stderr


def test_a_bad_setting_is_named_in_one_line(model_path: Path) -> None:
    ended = start(model_path=model_path, threads="many")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert "SERVICE_THREADS='many'" in ended.stderr


def test_a_port_in_use_is_named_in_one_line(model_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = start(model_path=model_path, port=port)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert f"SERVICE_PORT={port}: Address already in use" in ended.stderr


def test_help_explains_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    printed = capsys.readouterr().out
    assert all(variable(name) in printed for name in Settings.model_fields)
    assert {"hash-key", "predict"} <= {line.split()[0] for line in printed.splitlines() if line.startswith("    ")}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"host": "0.0.0.0"}, "SERVICE_API_KEYS_FILE"),
        ({"auth": "required"}, "SERVICE_OIDC_ISSUER"),
        ({"api_keys_file": "/nowhere/keys"}, "SERVICE_API_KEYS_FILE=/nowhere/keys"),
        ({"oidc_issuer": "https://issuer.test"}, "SERVICE_OIDC_AUDIENCE"),
        (
            {"oidc_issuer": "https://i.test", "oidc_audience": "a", "oidc_jwks_url": "http://i.test/keys"},
            "SERVICE_OIDC_JWKS_URL",
        ),
    ],
    ids=lambda value: str(value),
)
def test_it_does_not_start_while_nobody_can_say_who_may_enter(
    model_path: Path, changes: dict[str, object], complaint: str
) -> None:
    ended = start(**{"model_path": model_path, "port": 0, **changes})

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert complaint in ended.stderr


@pytest.mark.parametrize(
    ("changes", "auth"),
    [({}, "none"), ({"auth": "none", "host": "0.0.0.0"}, "none"), ({"api_keys_file": os.devnull}, "required")],
    ids=["loopback", "said aloud", "keys are named"],
)
def test_its_first_log_line_says_whether_it_asks_who_is_there(
    model_path: Path, changes: dict[str, object], auth: str
) -> None:
    with running_service(model_path, **changes) as service:
        assert service.wait_for_event("listening")["auth"] == auth


def test_a_new_key_is_printed_beside_its_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["hash-key", "viewer"]) == 0

    printed = capsys.readouterr()
    (tmp_path / "keys").write_text(printed.out)
    assert read_key_file(tmp_path / "keys").owner(printed.err.splitlines()[0]) == "viewer"


def test_a_given_key_is_not_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = make_key()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{key}\n"))

    assert main(["hash-key", "viewer", "--stdin"]) == 0

    printed = capsys.readouterr()
    (tmp_path / "keys").write_text(printed.out)
    assert key not in printed.out + printed.err
    assert read_key_file(tmp_path / "keys").owner(key) == "viewer"


def test_a_name_that_cannot_stand_in_the_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hash-key", "a:b"]) == 2

    assert capsys.readouterr().out == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])

    assert capsys.readouterr().out.split()[-1] == __version__


def test_no_log_line_holds_what_a_client_wrote(model_path: Path) -> None:
    with running_service(model_path) as service, httpx.Client(base_url=service.url) as client:
        headers = {"X-Patient": SECRET, "X-Request-ID": SECRET, "User-Agent": SECRET}
        for name in (f"{SECRET}.png", f"/archive/{SECRET}/1.png"):
            client.post("/predict", files={"file": (name, good_png())}, headers=headers)
            client.post("/predict", files={"file": (name, b"GIF89a" + SECRET.encode())}, headers=headers)
            client.post("/predict", files={SECRET: (name, good_png())}, params={SECRET: SECRET}, headers=headers)
        client.get(f"/{SECRET}", params={"name": SECRET}, headers=headers)
        client.post("/predict", content=SECRET, headers={"Content-Type": f"multipart/form-data; boundary={SECRET}"})
        service.terminate()
        code = service.exit_code()

        log = service.log.read_text()
        lines = [json.loads(line) for line in log.splitlines()]  # every line is JSON

    assert code == 0
    assert len([line for line in lines if line["event"] == "request"]) == 8
    assert "DOE" not in log
    assert "JANE" not in log
