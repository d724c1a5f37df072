import re

import httpx
import pytest

from tests.pictures import good_png


@pytest.mark.parametrize("sane", ["a", "0" * 64, "visit-7_B.2"])
def test_a_sane_id_is_kept(client: httpx.Client, sane: str) -> None:
    response = client.get("/health", headers={"X-Request-ID": sane})

    assert response.headers["X-Request-ID"] == sane


@pytest.mark.parametrize("insane", ["", "0" * 65, "DOE^JANE", "a b", "é".encode()])
def test_any_other_is_replaced(client: httpx.Client, insane: str | bytes) -> None:
    response = client.get("/health", headers={"X-Request-ID": insane})

    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-ID"])


def test_header_and_json_agree(client: httpx.Client) -> None:
    answer = client.post("/predict", files={"file": good_png()})
    problem = client.post("/predict")

    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert problem.json()["request_id"] == problem.headers["X-Request-ID"]
    assert answer.headers["X-Request-ID"] != problem.headers["X-Request-ID"]
