from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi.responses import StreamingResponse

from service.app import create_app
from service.settings import Settings
from tests.pictures import good_png
from tests.scraping import samples, scrape
from tests.serving import serve_app, wait_until
from tests.wire import connect, head

COUNTER = "brain_mri_requests_total"


async def streamed() -> StreamingResponse:
    async def lines() -> AsyncIterator[bytes]:
        for number in range(3):
            yield f"{number}\n".encode()

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    app = create_app(settings)
    app.add_api_route("/streamed/{number}", streamed)
    with serve_app(app, settings) as (client, _):
        yield client


@pytest.mark.parametrize(
    ("method", "target", "labels"),
    [
        ("GET", "/health", {"method": "GET", "route": "/health", "status": "200", "problem": "none"}),
        ("GET", "/DOE%5EJANE", {"method": "GET", "route": "unmatched", "status": "404", "problem": "none"}),
        ("PROPFIND", "/health", {"method": "other", "route": "/health", "status": "405", "problem": "none"}),
        ("POST", "/predict", {"method": "POST", "route": "/predict", "status": "400", "problem": "malformed-request"}),
        ("GET", "/streamed/7", {"method": "GET", "route": "/streamed/{number}", "status": "200", "problem": "none"}),
    ],
)
def test_a_request_is_counted_by_template_and_outcome(
    client: httpx.Client, method: str, target: str, labels: dict[str, str]
) -> None:
    client.request(method, target)

    assert (labels, 1) in samples(client, COUNTER)
    assert scrape(client, "brain_mri_request_seconds_count", route=labels["route"]) == 1


def test_a_client_that_leaves_counts_as_499(client: httpx.Client) -> None:
    with connect(client.base_url.port) as connection:
        connection.sendall(head(Content_Type="image/png", Content_Length=100) + b"only a part")

    wait_until(lambda: scrape(client, COUNTER, status="499", route="/predict") == 1)
    assert scrape(client, "brain_mri_stage_seconds_count", stage="upload") == 0


def test_only_image_requests_count_as_stages(client: httpx.Client) -> None:
    client.get("/health")
    client.post("/predict", files={"file": good_png()})

    assert scrape(client, "brain_mri_stage_seconds_count", stage="total") == 1
