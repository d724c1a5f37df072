from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.callers import write_keys
from tests.serving import serve, settings_for

VIEWER, STRANGER = "https://viewer.hospital.test", "https://elsewhere.test"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.fixture(scope="module")
def client(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    keys = tmp_path_factory.mktemp("cors") / "keys"
    write_keys(keys, "viewer")
    with serve(settings_for(model_path, cors_origins=VIEWER, api_keys_file=keys)) as (client, _):
        yield client


def test_it_is_off_unless_origins_are_named(model_path: Path) -> None:
    with serve(settings_for(model_path)) as (client, _):
        answer = client.get("/health", headers={"Origin": VIEWER})

    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_named_origin_may_ask_with_a_key_but_not_with_cookies(client: httpx.Client) -> None:
    answer = client.options("/predict", headers={"Origin": VIEWER, **ASKS})

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == VIEWER
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_it_can_read_why_it_was_refused(client: httpx.Client) -> None:
    answer = client.get("/model", headers={"Origin": VIEWER})

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == VIEWER
    assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]


def test_another_origin_may_not(client: httpx.Client) -> None:
    asked = client.options("/predict", headers={"Origin": STRANGER, **ASKS})

    assert asked.status_code == 400
    assert "Access-Control-Allow-Origin" not in asked.headers
    assert "Access-Control-Allow-Origin" not in client.get("/health", headers={"Origin": STRANGER}).headers
