"""A server may be busy, closed, another one, or cut off: the client says so in one line."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from service.__main__ import main
from service.client.remote import SILENCE_S
from tests.peers import need
from tests.pictures import good_png
from tests.service.client.scripted import Scene, scripted

SECRET = "DOE^JANE"
LINE = {"index": 0, "file": 0, "frame": 0, "status": 422, "prediction": None}


def problem(status: int, code: str = "queue-full", **members: object) -> bytes:
    about = {"type": f"/problems/{code}", "title": "Title", "status": status, "detail": "Cause.", "request_id": "1"}
    return json.dumps(about | members).encode()


def result_line() -> bytes:
    return json.dumps({"kind": "result", **LINE, "problem": json.loads(problem(422))}).encode() + b"\n"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / f"{SECRET}.png"
    path.write_bytes(good_png())
    return path


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds for which the client waited, which it does not really."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


USELESS = {
    "no key": (Scene(401, problem(401)), "Title (401). Cause."),
    "not allowed": (Scene(403, problem(403)), "Title (403). Cause."),
    "another path": (Scene(404, problem(404)), "Title (404). Cause."),
    "a failure": (Scene(500, problem(500)), "Title (500). Cause."),
    "another server's page": (Scene(502, b"<html>", "text/html"), "answered 502"),
    "a redirect": (Scene(307, b"", "text/plain", {"Location": "https://elsewhere.test"}), "answered 307"),
    "a page": (Scene(200, b"<html></html>", "text/html"), "cannot read"),
    "nothing": (Scene(200, b"", "application/x-ndjson"), "ended before its summary"),
    "an answer that was cut off": (Scene(200, result_line(), "application/x-ndjson"), "ended before its summary"),
    "half a line": (Scene(200, result_line()[:40], "application/x-ndjson"), "cannot read"),
    "a problem in other words": (Scene(422, b'{"error": "no"}'), "cannot read"),
    "another protocol": (Scene(200, protocol="XTTP/1.0"), "does not answer in HTTP"),
}


@pytest.mark.parametrize(("scene", "complaint"), USELESS.values(), ids=USELESS)
def test_an_answer_that_cannot_be_used_ends_the_command(
    picture: Path, capsys: pytest.CaptureFixture[str], scene: Scene, complaint: str
) -> None:
    with scripted([scene]) as server:
        code = main(["predict", str(picture), str(picture), "--url", server.url])

    printed = capsys.readouterr()
    assert code == 2
    assert len(server.requests) == 1
    assert printed.err.count("\n") == 1
    assert server.url in printed.err
    assert complaint in printed.err


@pytest.mark.parametrize("status", [400, 408, 413, 415, 422, 504])
def test_a_file_that_is_refused_whole_is_a_result(
    picture: Path, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    with scripted([Scene(status, problem(status))]) as server:
        code = main(["predict", str(picture), "--url", server.url])

    result = json.loads(capsys.readouterr().out.splitlines()[0])
    assert code == 1
    assert (result["status"], result["problem"]["detail"]) == (status, "Cause.")


@pytest.mark.parametrize(("asked", "waited"), [("3", 3), ("0", 0), ("86400", 10), ("Fri, 31 Dec 1999 23:59:59 GMT", 1)])
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again_when_it_says(
    picture: Path, waits: list[float], status: int, asked: str, waited: int
) -> None:
    busy = Scene(status, problem(status), headers={"Retry-After": asked})
    with scripted([busy, busy, Scene(422, problem(422))]) as server:
        assert main(["predict", str(picture), "--url", server.url]) == 1

    assert waits == [waited, waited]
    assert len({body[40:] for _, _, body in server.requests}) == 3  # only the boundary differs, but all of it is sent
    assert all(good_png() in body for _, _, body in server.requests)


def test_a_service_that_stays_busy_is_given_up(
    picture: Path, waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted([Scene(503, problem(503))]) as server:
        assert main(["predict", str(picture), "--url", server.url]) == 2

    assert len(server.requests) == 5
    assert len(waits) == 4
    assert "Title (503). Cause." in capsys.readouterr().err


def test_a_file_that_has_gone_ends_the_command(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.client.files.NamedFile.is_archive", property(lambda file: file.path.unlink()))

    assert main(["predict", str(picture), "--url", "http://127.0.0.1:1"]) == 2
    assert f"{picture}: No such file or directory." in capsys.readouterr().err


def test_no_file_name_is_sent(picture: Path) -> None:
    with scripted([Scene(422, problem(422))]) as server:
        main(["predict", str(picture), "--url", server.url])
        main(["predict", str(picture), "--frame", "0", "--url", server.url])

    assert [path for path, _, _ in server.requests] == [
        "/predict/batch?explain=false",
        "/predict?explain=false&frame=0",
    ]
    assert all(SECRET not in str(request) for request in server.requests)


def test_a_path_before_those_of_the_service_is_kept(picture: Path) -> None:
    with scripted([Scene(422, problem(422))]) as server:
        main(["predict", str(picture), "--url", f"{server.url}/mri/"])

    assert server.requests[0][0] == "/mri/predict/batch?explain=false"


def test_the_key_is_read_from_its_file_and_shown_to_nobody(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key"
    key.write_text("k3y\n")
    with scripted([Scene(401, problem(401))]) as server:
        main(["predict", str(picture), "--url", server.url, "--api-key-file", str(key)])

    printed = capsys.readouterr()
    assert server.requests[0][1]["Authorization"] == "Bearer k3y"
    assert "k3y" not in printed.out + printed.err


def test_https_is_never_plain(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with scripted([Scene(422, problem(422))]) as server:
        assert main(["predict", str(picture), "--url", server.url.replace("http:", "https:")]) == 2

    assert server.requests == []
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that nobody has signed, with its key."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    need("openssl")
    line = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -days 2"
    made = [*line.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(made, check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_a_certificate_that_is_not_trusted_ends_the_command_before_anything_is_sent(
    picture: Path, certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted([Scene(422, problem(422))], certificate) as server:
        assert main(["predict", str(picture), "--url", server.url]) == 2

    printed = capsys.readouterr().err
    assert server.requests == []
    assert "certificate is not trusted" in printed
    assert "SSL_CERT_FILE" in printed


def test_an_authority_may_be_named_in_the_environment(
    picture: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    with scripted([Scene(422, problem(422))], certificate) as server:
        assert main(["predict", str(picture), "--url", server.url]) == 1

    assert len(server.requests) == 1


def test_the_client_waits_longer_than_an_image_may_take() -> None:
    from service.settings import Settings

    assert Settings.model_fields["deadline_s"].default < SILENCE_S
