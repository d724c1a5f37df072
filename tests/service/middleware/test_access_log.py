import logging

import httpx
import pytest

from tests.pictures import good_png
from tests.serving import wait_until
from tests.wire import connect, head


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/health", ("GET", "/health", 200, None)),
        ("GET", "/problems/queue-full?DOE^JANE", ("GET", "/problems/{code}", 200, None)),
        ("GET", "/DOE%5EJANE", ("GET", "unmatched", 404, None)),
        ("DELETE", "/predict", ("DELETE", "/predict", 405, None)),
        ("POST", "/predict", ("POST", "/predict", 400, "malformed-request")),
        ("PROPFIND", "/health", ("other", "/health", 405, None)),
    ],
)
def test_one_line_a_request_with_the_template_of_the_route(
    client: httpx.Client, caplog: pytest.LogCaptureFixture, method: str, target: str, expected: tuple[object, ...]
) -> None:
    with caplog.at_level(logging.INFO, "service.access"):
        client.request(method, target)

    (record,) = [record for record in caplog.records if record.name == "service.access"]
    assert (record.method, record.route, record.status, record.problem) == expected
    assert record.duration_ms >= 0


def test_a_client_that_leaves_is_logged_as_499(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        with connect(client.base_url.port) as connection:
            connection.sendall(head(Content_Type="image/png", Content_Length=100) + b"only a part")
        wait_until(lambda: any(getattr(record, "status", None) == 499 for record in caplog.records))

    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert client.post("/predict", files={"file": good_png()}).status_code == 200
