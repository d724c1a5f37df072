"""Each image of a batch has an audit line of its own, beside that of the request."""

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.pictures import dark, encode, good_png
from tests.scraping import scrape
from tests.service.api.batches import FILES, NDJSON, Turnstile, form
from tests.serving import serve, settings_for

BLANK = encode(dark() * 0, "PNG")
TEXT = b"no image at all"


def zipped(*entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, entry in enumerate(entries):
            archive.writestr(f"{number}", entry)
    return file.getvalue()


def send(client: httpx.Client, *files: bytes) -> Any:
    return client.post("/predict/batch", files=[("files", ("f", data)) for data in files]).json()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def lines(path: Path, event: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in found if line["event"] == event]


def test_every_image_has_its_line_in_the_order_of_the_results(audit: Path, model_path: Path) -> None:
    archive = zipped(good_png(), TEXT)
    with serve(settings_for(model_path, audit_log=str(audit))) as (client, _):
        answer = send(client, good_png(), BLANK, TEXT, archive, b"PK\x03\x04 torn")
        counted = scrape(client, "brain_mri_images_total", outcome="answered")

    images = lines(audit, "image")
    assert [line["index"] for line in images] == [result["index"] for result in answer["results"]]
    assert [(line["outcome"], line["input_sha256"]) for line in images] == [
        ("answered", sha256(good_png())),
        ("blank-image", sha256(BLANK)),
        ("unsupported-format", sha256(TEXT)),
        ("answered", sha256(good_png())),
        ("unsupported-format", sha256(TEXT)),
        ("unreadable-image", sha256(b"PK\x03\x04 torn")),
    ]
    for line, result in zip(images, answer["results"], strict=True):
        assert line["request_id"] == answer["request_id"]
        assert line["model_sha256"] == answer["model"]["sha256"]
        assert line["label"] == (result["prediction"]["label"] if result["prediction"] else None)
    (request,) = lines(audit, "request")
    assert (request["route"], request["status"]) == ("/predict/batch", 200)
    assert counted == 2


def test_what_cannot_be_logged_is_not_answered_where_the_log_is_required(
    audit: Path, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(settings_for(model_path, audit_log=str(audit), audit_required=True)) as (client, runtime):
        assert runtime.auditor.log
        append = runtime.auditor.log.append

        def full_for_images(line: bytes) -> None:
            if b'"image"' in line:
                raise OSError(28, os.strerror(28))
            append(line)

        monkeypatch.setattr(runtime.auditor.log, "append", full_for_images)
        answer = send(client, good_png())
        answered = scrape(client, "brain_mri_images_total", outcome="answered")
        withheld = scrape(client, "brain_mri_images_total", outcome="audit-unavailable")

    (result,) = answer["results"]
    assert (result["status"], result["prediction"]) == (503, None)
    assert result["problem"]["type"] == "/problems/audit-unavailable"
    assert (answered, withheld) == (0, 1)


def test_what_was_not_answered_in_time_is_logged_as_that_and_as_nothing_else(audit: Path, model_path: Path) -> None:
    turnstile = Turnstile(model_path, pass_first=0)
    settings = settings_for(model_path, deadline_s=1, threads=1, audit_log=str(audit))
    with (
        serve(settings, turnstile) as (client, _),
        client.stream("POST", "/predict/batch", headers=NDJSON, **form(*FILES)) as response,
    ):
        results = response.iter_lines()
        assert json.loads(next(results))["status"] == 504
        turnstile.passes.release(10)
        assert [json.loads(line).get("status") for line in results] == [200, 200, None]

    images = lines(audit, "image")
    assert [line["outcome"] for line in images] == ["deadline-exceeded", "answered", "answered"]
    assert [line["index"] for line in images] == [0, 1, 2]
    assert images[0]["input_sha256"] == sha256(FILES[0]) and images[0]["label"] is None
