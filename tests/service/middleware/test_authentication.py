from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from service.app import create_app
from service.auth import is_open
from service.settings import Settings
from tests.callers import write_keys
from tests.pictures import good_png
from tests.serving import serve, serve_app, settings_for
from tests.wire import connect, head, read_answer

OPEN = ["/", "/docs", "/docs/assets/swagger-ui.css", "/openapi.json", "/health", "/health/live", "/health/ready"]


async def streamed() -> StreamingResponse:
    async def lines() -> AsyncIterator[bytes]:
        yield b"1\n"
        yield b"2\n"

    return StreamingResponse(lines())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return write_keys(tmp_path_factory.getbasetemp() / "keys", "viewer", "pacs")


@pytest.fixture(scope="module")
def app(keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory, model_path: Path) -> FastAPI:
    settings = settings_for(model_path, api_keys_file=tmp_path_factory.getbasetemp() / "keys")
    app = create_app(settings)
    app.add_api_route("/new-route", streamed)
    return app


@pytest.fixture(scope="module")
def client(app: FastAPI, settings: Settings) -> Iterator[httpx.Client]:
    """A client without a key of a service that asks for one."""
    with serve_app(app, settings) as (client, _):
        yield client


@pytest.mark.parametrize("path", OPEN)
def test_what_holds_no_data_is_open(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in (200, 307)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/predict"),
        ("POST", "/predict/batch"),
        ("GET", "/predict"),
        ("GET", "/model"),
        ("GET", "/metrics"),
        ("GET", "/new-route"),
        ("GET", "/no-route"),
        ("GET", "//health"),
        ("GET", "/health/"),
        ("GET", "/Health"),
        ("GET", "/docs/../model"),
        ("GET", "/static/../model"),
        ("OPTIONS", "/predict"),
    ],
)
def test_everything_else_asks_who_is_there(client: httpx.Client, method: str, path: str) -> None:
    with connect(client.base_url.port) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        answer = read_answer(connection)

    opened = path.startswith("/static/")  # names no route, and Starlette resolves no dots
    assert answer.status == (404 if opened else 401)
    if not opened:
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="brain-mri"'


def test_every_route_of_the_description_is_open_or_says_that_it_is_not(app: FastAPI, client: httpx.Client) -> None:
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for operation in operations.values():
            assert ("401" in operation["responses"]) is not is_open(path), path
            assert ("security" in operation) is not is_open(path), path


@pytest.mark.parametrize("path", ["/model", "/metrics", "/new-route"])
@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_opens(client: httpx.Client, keys: dict[str, str], path: str, header: str) -> None:
    for key in keys.values():
        value = f"Bearer {key}" if header == "Authorization" else key
        assert client.get(path, headers={header: value}).status_code == 200


def test_the_scheme_is_told_in_any_case_and_another_scheme_does_not_hide_the_key(
    client: httpx.Client, keys: dict[str, str]
) -> None:
    assert client.get("/model", headers={"Authorization": f"bearer {keys['viewer']}"}).status_code == 200
    basic = {"Authorization": "Basic cHJveHk6cHJveHk=", "X-API-Key": keys["viewer"]}
    assert client.get("/model", headers=basic).status_code == 200


@pytest.mark.parametrize("value", ["wrong", "", "é".encode(), "x" * 10_000, "a.b.c"])
def test_a_wrong_key_does_not(client: httpx.Client, value: str | bytes) -> None:
    answer = client.get("/model", headers={"X-API-Key": value})

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_who_is_not_let_in_is_told_so_before_the_body_is_read(client: httpx.Client) -> None:
    with connect(client.base_url.port) as connection:
        connection.sendall(head(Content_Type="image/png", Content_Length=10_000_000))
        answer = read_answer(connection)

    assert answer.status == 401


def test_a_route_is_named_in_the_log_although_nobody_got_there(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "service.access"):
        client.post("/predict", files={"file": good_png()})

    (record,) = [record for record in caplog.records if record.name == "service.access"]
    assert (record.route, record.status, record.problem) == ("/predict", 401, "unauthenticated")


def test_a_key_that_left_the_file_is_revoked_at_the_next_reading(tmp_path: Path, model_path: Path) -> None:
    path = tmp_path / "keys"
    old = write_keys(path, "viewer")["viewer"]
    with serve(settings_for(model_path, api_keys_file=path)) as (client, runtime):
        assert client.get("/model", headers={"X-API-Key": old}).status_code == 200

        new = write_keys(path, "viewer")["viewer"]
        runtime.authenticator.reload()

        assert client.get("/model", headers={"X-API-Key": old}).status_code == 401
        assert client.get("/model", headers={"X-API-Key": new}).status_code == 200


def test_without_authentication_nobody_is_asked(model_path: Path) -> None:
    with serve(settings_for(model_path, auth="none")) as (client, _):
        assert client.get("/model", headers={"Authorization": "Bearer wrong"}).status_code == 200
