from pathlib import Path

import httpx
import pytest

from service.middleware.rate_limiting import _site
from tests.callers import write_keys
from tests.pictures import good_png
from tests.serving import serve, settings_for
from tests.wire import connect, head, read_answer


def statuses(client: httpx.Client, key: str | None, count: int) -> list[int]:
    headers = {"X-API-Key": key} if key else {}
    return [client.get("/model", headers=headers).status_code for _ in range(count)]


def test_each_key_has_its_own_rate(model_path: Path, tmp_path: Path) -> None:
    keys = write_keys(tmp_path / "keys", "viewer", "pacs")
    settings = settings_for(model_path, rate_limit="3/hour", api_keys_file=tmp_path / "keys")
    with serve(settings) as (client, _):
        assert statuses(client, keys["viewer"], 5) == [200, 200, 200, 429, 429]
        assert statuses(client, keys["pacs"], 4) == [200, 200, 200, 429]
        assert statuses(client, "guess" * 10, 5) == [401, 401, 401, 429, 429]
        assert client.get("/health").status_code == 200


def test_without_keys_the_address_counts(model_path: Path) -> None:
    with serve(settings_for(model_path, rate_limit="2/hour")) as (client, _):
        assert statuses(client, None, 3) == [200, 200, 429]


def test_the_refusal_says_when_to_come_back_before_the_body_is_read(model_path: Path) -> None:
    with serve(settings_for(model_path, rate_limit="1/hour")) as (client, _):
        assert client.post("/predict", files={"file": good_png()}).status_code == 200
        with connect(client.base_url.port) as connection:
            connection.sendall(head(Content_Type="image/png", Content_Length=10_000_000))
            refused = read_answer(connection)

    assert refused.status == 429
    assert 3500 <= int(refused.headers["Retry-After"]) <= 3600
    assert b"/problems/too-many-requests" in refused.body


def test_without_the_setting_there_is_no_limit(client: httpx.Client) -> None:
    assert set(statuses(client, None, 100)) == {200}


@pytest.mark.parametrize(
    ("client", "site"),
    [
        (("10.0.0.7", 1), "address:10.0.0.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "address:2001:db8:1:2::/64"),
        (("not an address", 1), "address:unknown"),
        (None, "address:unknown"),
    ],
)
def test_an_ipv6_client_counts_with_its_network(client: tuple[str, int] | None, site: str) -> None:
    assert _site({"client": client}) == site
