import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.classifier import Classifier, Result
from service.imaging import Picture
from tests.pictures import good_png
from tests.serving import serve, settings_for

SECRET = "DOE^JANE"


class FailingClassifier(Classifier):
    """Fails as a bug would, with an error that quotes its input."""

    def classify(self, picture: Picture, explain: bool = False) -> Result:
        raise RuntimeError(SECRET)


@pytest.fixture(scope="module")
def failing_client(model_path: Path) -> Iterator[httpx.Client]:
    with serve(settings_for(model_path), FailingClassifier(model_path)) as (client, _):
        yield client


def test_the_client_learns_nothing_but_the_request_id(failing_client: httpx.Client) -> None:
    response = failing_client.post("/predict", files={"file": good_png()})

    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "about:blank"
    assert response.json()["request_id"] == response.headers["X-Request-ID"]
    assert SECRET not in response.text
    assert "RuntimeError" not in response.text


def test_the_log_learns_where_it_happened(failing_client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        response = failing_client.post("/predict", files={"file": good_png()})

    (record,) = [record for record in caplog.records if record.name == "service.errors"]
    assert record.request_id == response.headers["X-Request-ID"]
    assert not [record for record in caplog.records if record.name.startswith("uvicorn") and record.exc_info]


def test_the_service_goes_on(failing_client: httpx.Client) -> None:
    failing_client.post("/predict", files={"file": good_png()})

    assert failing_client.get("/health").status_code == 200
