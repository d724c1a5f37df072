from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.responses import StreamingResponse

from service.app import create_app
from service.middleware.security_headers import CONTENT_SECURITY_POLICY
from service.settings import Settings
from tests.callers import write_keys
from tests.pictures import good_png
from tests.service.middleware.test_unexpected_errors import FailingClassifier
from tests.serving import serve_app, settings_for


async def streamed() -> StreamingResponse:
    async def lines() -> AsyncIterator[bytes]:
        yield b"1\n"
        yield b"2\n"

    return StreamingResponse(lines())


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_keys(tmp_path_factory.getbasetemp() / "header-keys", "viewer")["viewer"]


@pytest.fixture(scope="module")
def client(
    key: str, tmp_path_factory: pytest.TempPathFactory, model_path: Path, settings: Settings
) -> Iterator[httpx.Client]:
    """A client of a service that asks for keys, and whose model fails."""
    keys = tmp_path_factory.getbasetemp() / "header-keys"
    app = create_app(settings_for(model_path, api_keys_file=keys), FailingClassifier(model_path))
    app.add_api_route("/streamed", streamed)
    with serve_app(app, settings) as (client, _):
        yield client


@pytest.mark.parametrize(
    ("method", "path", "known", "status"),
    [
        ("GET", "/health", False, 200),
        ("GET", "/", False, 200),
        ("GET", "/docs", False, 200),
        ("GET", "/docs/assets/swagger-ui.css", False, 200),
        ("GET", "/model", False, 401),
        ("GET", "/model", True, 200),
        ("GET", "/nothing", True, 404),
        ("DELETE", "/predict", True, 405),
        ("GET", "/streamed", True, 200),
        ("POST", "/predict", True, 500),
    ],
)
def test_every_answer_carries_them(
    client: httpx.Client, key: str, method: str, path: str, known: bool, status: int
) -> None:
    content = good_png() if method == "POST" else None
    answer = client.request(method, path, content=content, headers={"X-API-Key": key} if known else {})

    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"] == ("no-cache" if "assets" in path or path == "/" else "no-store")


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    directives = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))

    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert directives["default-src"] == directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert {*directives.values()} <= {"'none'", "'self'", "'self' data: blob:"}
