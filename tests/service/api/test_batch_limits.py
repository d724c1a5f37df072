"""What is no batch, and what is more than one may hold."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.pictures import good_png
from tests.service.api.batches import FILES, PATIENT, body, form, volume
from tests.service.batch.zips import zipped
from tests.serving import serve, settings_for

LIMITS: dict[str, tuple[dict[str, Any], Callable[[], dict[str, Any]], list[int]]] = {
    "frames of one file": ({"max_batch_images": 2}, lambda: body(volume()), [413]),
    "frames of a later file": ({"max_batch_images": 3}, lambda: form(FILES[0], volume()), [200, 413]),
    "a ZIP after the frames are used up": (
        {"max_batch_images": 3},
        lambda: form(volume(), zipped(FILES[0])),
        [200, 200, 200, 413],
    ),
    "files of a ZIP": ({"max_batch_images": 2}, lambda: body(zipped(*FILES)), [413]),
    "files of ZIPs that are no images": (
        {"max_batch_images": 3},
        lambda: form(zipped(b"a", b"b"), zipped(b"c", b"d")),
        [415, 415, 413],
    ),
    "bytes of one file in a form": ({"max_bytes": 20_000}, lambda: form(FILES[0], bytes(20_001)), [200, 413]),
    "bytes of one file in a ZIP": ({"max_bytes": 20_000}, lambda: body(zipped(FILES[0], bytes(20_001))), [200, 413]),
    "bytes in all the files of a ZIP": (
        {"max_batch_bytes": 2000},
        lambda: body(zipped(bytes(9000), bytes(9000))),
        [415, 413],
    ),
}


@pytest.mark.parametrize(("changes", "request_of", "statuses"), LIMITS.values(), ids=LIMITS)
def test_what_is_beyond_a_limit_is_refused_alone(
    model_path: Path, changes: dict[str, Any], request_of: Callable[[], dict[str, Any]], statuses: list[int]
) -> None:
    with serve(settings_for(model_path, **changes)) as (client, _):
        results = client.post("/predict/batch", **request_of()).json()["results"]

    assert [result["status"] for result in results] == statuses
    beyond = [result for result in results if result["status"] == 413]
    assert {result["problem"]["type"] for result in beyond} == {"/problems/payload-too-large"}


BAD_REQUESTS: dict[str, tuple[Callable[[], dict[str, Any]], int, str]] = {
    "no body": (lambda: {}, 400, "malformed-request"),
    "an empty body": (lambda: body(b"", "application/zip"), 400, "malformed-request"),
    "a form of nothing": (
        lambda: body(b"--limit--\r\n", "multipart/form-data; boundary=limit"),
        422,
        "invalid-request",
    ),
    "a form cut off": (
        lambda: body(b"--limit\r\nConte", "multipart/form-data; boundary=limit"),
        400,
        "malformed-request",
    ),
    "no boundary": (lambda: body(b"x", "multipart/form-data"), 400, "malformed-request"),
    "the field of /predict": (lambda: {"files": {"file": good_png()}}, 422, "invalid-request"),
    "a second field": (lambda: form(good_png()) | {"data": {"patient": PATIENT}}, 422, "invalid-request"),
    "JSON": (lambda: {"json": {}}, 415, "unsupported-format"),
    "more files than images": (lambda: form(*[b""] * 9), 413, "payload-too-large"),
    "more bytes than a batch": (lambda: body(zipped(np.random.default_rng(0).bytes(60_000))), 413, "payload-too-large"),
    "more bytes than a batch, not told": (
        lambda: {"content": iter([b"PK\x03\x04", bytes(30_000), bytes(30_000)])},
        413,
        "payload-too-large",
    ),
    "more bytes than an image, and no ZIP": (lambda: body(bytes(21_000)), 413, "payload-too-large"),
    "explain=perhaps": (lambda: form(good_png()) | {"params": {"explain": "perhaps"}}, 422, "invalid-request"),
    "frame=1": (lambda: form(good_png()) | {"params": {"frame": "1"}}, 422, "invalid-request"),
}


@pytest.fixture(scope="module")
def small(model_path: Path) -> Iterator[httpx.Client]:
    with serve(settings_for(model_path, max_batch_images=8, max_batch_bytes=50_000, max_bytes=20_000)) as (client, _):
        yield client


@pytest.mark.parametrize(("request_of", "status", "code"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_what_is_no_batch_gets_a_problem_before_anything_is_computed(
    small: httpx.Client, request_of: Callable[[], dict[str, Any]], status: int, code: str
) -> None:
    response = small.post("/predict/batch", **request_of())

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["type"] == f"/problems/{code}"
    assert response.json()["detail"].endswith(".")
    assert small.post("/predict/batch", **form(good_png())).json()["summary"]["answered"] == 1
