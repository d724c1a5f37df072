import hashlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.responses import StreamingResponse

from service.app import create_app
from tests.callers import write_keys
from tests.issuer import running_issuer
from tests.pictures import bright, encode, good_png
from tests.scraping import scrape
from tests.serving import serve, serve_app, settings_for, wait_until
from tests.wire import connect, head

PNG = {"Content-Type": "image/png"}


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_answer_is_logged_with_all_that_traces_it(audit: Path, model_path: Path) -> None:
    with serve(settings_for(model_path, audit_log=str(audit))) as (client, _):
        answer = client.post("/predict", content=good_png(), headers={**PNG, "X-Request-ID": "visit-7"}).json()

    (line,) = lines(audit)
    assert line.pop("time").endswith("+00:00")
    assert line.pop("duration_ms") > 0
    assert line == {
        "audit": 1,
        "event": "request",
        "request_id": "visit-7",
        "caller": "anonymous",
        "route": "/predict",
        "outcome": "answered",
        "status": 200,
        "input_sha256": hashlib.sha256(good_png()).hexdigest(),
        "frame": 0,
        "model": "tiny",
        "model_version": "0.0.1",
        "model_sha256": answer["model"]["sha256"],
        "decision": answer["decision"],
        "label": answer["label"],
        "probability": answer["probability"],
    }


def sent(data: bytes, **parameters: str) -> Callable[[httpx.Client], httpx.Response]:
    return lambda client: client.post("/predict", content=data, params=parameters, headers=PNG)


@pytest.mark.parametrize(
    ("ask", "outcome", "status", "hashed"),
    [
        (sent(encode(bright())), "out-of-distribution", 422, True),
        (sent(b"Dear colleague"), "unsupported-format", 415, True),
        (sent(b""), "malformed-request", 400, False),
        (sent(good_png(), explian="true"), "invalid-request", 422, False),
        (sent(bytes(30_000_000)), "payload-too-large", 413, False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refusal_is_logged_too(
    audit: Path,
    model_path: Path,
    ask: Callable[[httpx.Client], httpx.Response],
    outcome: str,
    status: int,
    hashed: bool,
) -> None:
    with serve(settings_for(model_path, audit_log=str(audit))) as (client, _):
        answer = ask(client)
        assert scrape(client, "brain_mri_images_total", outcome=outcome) == 1

    (line,) = lines(audit)
    assert (line["outcome"], line["status"]) == (outcome, status) == (outcome, answer.status_code)
    assert (line["label"], line["decision"], line["probability"]) == (None, None, None)
    assert (line["input_sha256"] is not None) is (line["model"] is not None) is hashed


def test_a_client_that_leaves_is_logged(audit: Path, model_path: Path) -> None:
    with serve(settings_for(model_path, audit_log=str(audit))) as (client, _):
        with connect(client.base_url.port) as connection:
            connection.sendall(head(Content_Type="image/png", Content_Length=100) + b"only a part")
        wait_until(lambda: audit.read_text() != "")

    assert [(line["outcome"], line["status"]) for line in lines(audit)] == [("client-gone", 499)]


def test_what_is_only_shown_is_logged_without_a_decision(audit: Path, model_path: Path) -> None:
    with serve(settings_for(model_path, audit_log=str(audit))) as (client, _):
        assert client.post("/render", content=good_png(), headers=PNG).status_code == 200
        assert client.post("/render", content=b"Dear colleague").status_code == 415
        assert scrape(client, "brain_mri_images_total") == 0

    shown, refused = lines(audit)
    assert (shown["route"], shown["outcome"], shown["caller"]) == ("/render", "answered", "anonymous")
    assert shown["input_sha256"] == hashlib.sha256(good_png()).hexdigest()
    assert (refused["route"], refused["outcome"]) == ("/render", "unsupported-format")
    assert refused["input_sha256"] == hashlib.sha256(b"Dear colleague").hexdigest()
    for line in (shown, refused):
        assert [line[name] for name in ("model", "decision", "label", "probability", "frame")] == [None] * 5


def test_nothing_is_shown_that_cannot_be_logged(tmp_path: Path, model_path: Path) -> None:
    settings = settings_for(model_path, audit_log="/dev/full", audit_required=True)
    with serve(settings) as (client, _):
        answer = client.post("/render", content=good_png(), headers=PNG)

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/audit-unavailable")


def test_only_image_requests_are_logged(audit: Path, model_path: Path) -> None:
    with serve(settings_for(model_path, audit_log=str(audit))) as (client, _):
        for path in ("/health", "/model", "/metrics", "/docs", "/nothing"):
            client.get(path)

    assert lines(audit) == []


def test_the_caller_is_named_as_the_operator_knows_it(audit: Path, model_path: Path, tmp_path: Path) -> None:
    key = write_keys(tmp_path / "keys", "viewer")["viewer"]
    with running_issuer() as issuer:
        settings = settings_for(model_path, audit_log=str(audit), api_keys_file=tmp_path / "keys", **issuer.settings())
        with serve(settings) as (client, _):
            for credential in (key, issuer.token(sub="jane.doe@hospital.test"), "wrong"):
                headers = {**PNG, "Authorization": f"Bearer {credential}"}
                client.post("/predict", content=good_png(), headers=headers)

    pseudonym = hashlib.sha256(b"https://issuer.test/realm\njane.doe@hospital.test").hexdigest()[:32]
    assert [line["caller"] for line in lines(audit)] == ["key:viewer", f"token:{pseudonym}", None]
    assert lines(audit)[2]["outcome"] == "unauthenticated"
    assert "jane" not in audit.read_text()


def test_a_line_that_is_lost_is_loud(model_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serve(settings_for(model_path, audit_log="/dev/full")) as (client, _), caplog.at_level(logging.INFO):
        answer = sent(good_png())(client)

        assert answer.status_code == 200
        assert scrape(client, "brain_mri_audit_write_failures_total") == 1
    (record,) = [record for record in caplog.records if record.name == "service.audit"]
    assert (record.levelname, record.request_id) == ("ERROR", answer.headers["X-Request-ID"])


def test_what_cannot_be_logged_is_not_answered_where_that_is_asked_for(model_path: Path) -> None:
    with serve(settings_for(model_path, audit_log="/dev/full", audit_required=True)) as (client, _):
        withheld, refused = sent(good_png())(client), sent(b"Dear colleague")(client)

        assert (withheld.status_code, withheld.json()["type"]) == (503, "/problems/audit-unavailable")
        assert withheld.headers["Retry-After"] and "label" not in withheld.text
        assert refused.status_code == 415
        assert client.get("/health").status_code == 200
        assert scrape(client, "brain_mri_requests_total", problem="audit-unavailable", status="503") == 1


async def _streamed() -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"first\n"
        yield b"second\n"

    return StreamingResponse(chunks())


@pytest.mark.parametrize(("required", "status"), [(False, 200), (True, 503)])
def test_it_holds_for_an_answer_in_pieces(model_path: Path, required: bool, status: int) -> None:
    settings = settings_for(model_path, audit_log="/dev/full", audit_required=required)
    app = create_app(settings)
    app.add_api_route("/predict/streamed", _streamed, methods=["POST"])
    with serve_app(app, settings) as (client, _):
        answer = client.post("/predict/streamed", content=b"x")

    assert answer.status_code == status
    assert ("first" in answer.text) is not required
