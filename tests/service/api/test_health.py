import asyncio
import hashlib
from pathlib import Path

import httpx
import pytest

from service import DISCLAIMER
from service.app import create_app
from tests.serving import settings_for


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_ready_names_the_model(client: httpx.Client, model_path: Path, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "model": {
            "name": "tiny",
            "version": "0.0.1",
            "sha256": hashlib.sha256(model_path.read_bytes()).hexdigest(),
        },
        "disclaimer": DISCLAIMER,
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 503),
        ("GET", "/health/ready", 503),
        ("GET", "/model", 503),
        ("POST", "/predict", 503),
        ("GET", "/health/live", 200),
    ],
)
def test_before_the_model_is_loaded(model_path: Path, method: str, path: str, status: int) -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(settings_for(model_path)))  # runs no lifespan: nothing is loaded
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path)

    response = asyncio.run(ask())

    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/health/live"])
def test_a_load_balancer_may_probe_with_head(client: httpx.Client, path: str) -> None:
    answer = client.head(path)

    assert (answer.status_code, answer.content) == (200, b"")
