import httpx
import pytest


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/nowhere", 404, "Not Found"),
        ("POST", "/predict/", 404, "Not Found"),
        ("GET", "/docs/assets/nothing", 404, "Not Found"),
        ("GET", "/predict", 405, "Method Not Allowed"),
        ("POST", "/health", 405, "Method Not Allowed"),
    ],
)
def test_errors_of_plain_http_are_problems_too(
    client: httpx.Client, method: str, path: str, status: int, title: str
) -> None:
    response = client.request(method, path)

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", title, status)


@pytest.mark.parametrize(("path", "allowed"), [("/predict", "POST"), ("/model", "GET")])
def test_405_says_which_methods_are_allowed(client: httpx.Client, path: str, allowed: str) -> None:
    assert client.delete(path).headers["Allow"] == allowed
