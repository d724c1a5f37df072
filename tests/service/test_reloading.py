import json
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.running_service import RunningService, running_service
from tests.callers import write_keys
from tests.pictures import good_png
from tests.scraping import scrape
from tests.serving import PATIENCE_S, GatedClassifier, serve, settings_for, wait_until
from tests.tiny_model import card, write_model

CLIENTS = 3
PNG = {"Content-Type": "image/png"}


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    """A model file that a test may replace."""
    return write_model(tmp_path / "model.onnx", work=20)


def replace(path: Path, **changes: Any) -> None:
    """Put another model there at once, as a deployment should."""
    write_model(path.with_suffix(".new"), **changes).replace(path)


@contextmanager
def light_load(service: RunningService) -> Iterator[list[httpx.Response]]:
    """Send one request after the other from a few clients, each over a connection that stays open."""
    answers: list[httpx.Response] = []
    stop = threading.Event()

    def send() -> None:
        with httpx.Client(base_url=service.url, timeout=PATIENCE_S) as client:
            while not stop.is_set():
                answers.append(client.post("/predict", content=good_png(), headers=PNG))

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(send) for _ in range(CLIENTS)]
        try:
            wait_until(lambda: len(answers) >= CLIENTS)
            yield answers
        finally:
            stop.set()
        for client in clients:
            client.result()  # a connection that was cut would raise here


def reloads(service: RunningService, setting: str = "SERVICE_MODEL_PATH") -> list[dict[str, Any]]:
    return [line for line in service.log_lines() if line.get("setting") == setting]


def hang_up(service: RunningService, setting: str = "SERVICE_MODEL_PATH") -> dict[str, Any]:
    """Send SIGHUP, wait until it is done, and return its log line."""
    before = len(reloads(service, setting))
    service.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(reloads(service, setting)) > before)
    return reloads(service, setting)[-1]


def test_under_load_a_new_model_takes_over_and_no_request_is_lost(own_model: Path) -> None:
    with running_service(own_model) as service, httpx.Client(base_url=service.url) as client:
        old = client.get("/health").json()["model"]["sha256"]
        with light_load(service) as answers:
            replace(own_model, card_json=json.dumps(card(version="0.0.2")), seed=8, work=20)
            line = hang_up(service)
            seen = len(answers)
            wait_until(lambda: len(answers) >= seen + 2 * CLIENTS)
        new = client.get("/health").json()["model"]
        assert scrape(client, "brain_mri_reload_total", setting="model_path", outcome="success") == 1
        assert scrape(client, "brain_mri_model_info", version="0.0.2") == scrape(client, "brain_mri_model_info") == 1

    assert (line["event"], line["outcome"], line["version"]) == ("reloaded", "success", "0.0.2")
    assert {answer.status_code for answer in answers} == {200}
    said = {(answer.json()["model"]["sha256"], answer.json()["probability"]) for answer in answers}
    assert {sha256 for sha256, _ in said} == {old, new["sha256"]}
    assert len(said) == 2  # each model says one thing of the same bytes: no answer is of both


def not_onnx(path: Path) -> None:
    path.write_bytes(b"half a file")


@pytest.mark.parametrize("spoil", [not_onnx, Path.unlink, lambda path: replace(path, card_json="")])
def test_a_model_that_cannot_be_served_leaves_the_old_one(own_model: Path, spoil: Any) -> None:
    with running_service(own_model) as service, httpx.Client(base_url=service.url) as client:
        old = client.get("/health").json()["model"]
        with light_load(service) as answers:
            spoil(own_model)
            line = hang_up(service)
            seen = len(answers)
            wait_until(lambda: len(answers) >= seen + CLIENTS)
        assert client.get("/health").json()["model"] == old
        assert scrape(client, "brain_mri_reload_total", setting="model_path", outcome="failure") == 1
        service.terminate()
        assert service.exit_code() == 0

    assert (line["level"], line["event"]) == ("error", "not reloaded, the old one stays")
    assert line["reason"].startswith("SERVICE_MODEL_PATH: ")
    assert str(own_model) not in line["reason"]
    assert {answer.status_code for answer in answers} == {200}


def test_keys_and_audit_log_are_taken_anew_too(own_model: Path, tmp_path: Path) -> None:
    keys, audit = tmp_path / "keys", tmp_path / "audit.jsonl"
    old = write_keys(keys, "viewer")["viewer"]
    with running_service(own_model, api_keys_file=keys, audit_log=audit) as service:
        with httpx.Client(base_url=service.url, headers={"X-API-Key": old}) as client:
            assert client.post("/predict", content=good_png(), headers=PNG).status_code == 200
            new = write_keys(keys, "viewer")["viewer"]
            audit.rename(tmp_path / "audit.1")

            assert hang_up(service)["outcome"] == "unchanged"

            assert client.post("/predict", content=good_png(), headers=PNG).status_code == 401
            client.headers["X-API-Key"] = new
            assert client.post("/predict", content=good_png(), headers=PNG).status_code == 200
        log = service.log.read_text()

    assert len((tmp_path / "audit.1").read_text().splitlines()) == 1
    assert len(audit.read_text().splitlines()) == 2
    assert old not in log and new not in log


def test_a_broken_key_file_leaves_the_old_keys_and_does_not_stop_the_model(own_model: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    key = write_keys(keys, "viewer")["viewer"]
    with running_service(own_model, api_keys_file=keys) as service:
        keys.write_text("viewer:broken\n")
        replace(own_model, seed=8)

        line = hang_up(service, "SERVICE_API_KEYS_FILE")
        wait_until(lambda: reloads(service) != [])
        (model,) = reloads(service)
        answer = httpx.get(f"{service.url}/model", headers={"X-API-Key": key})

    assert (line["level"], "line 1" in line["reason"]) == ("error", True)
    assert model["outcome"] == "success"
    assert answer.status_code == 200


def test_a_request_ends_with_the_model_that_it_began_with(model_path: Path, tmp_path: Path) -> None:
    first = GatedClassifier(model_path)
    second = GatedClassifier(write_model(tmp_path / "second.onnx", seed=8))
    second.gate.set()
    with serve(settings_for(model_path), first) as (client, runtime), ThreadPoolExecutor(1) as pool:
        begun = pool.submit(client.post, "/predict", content=good_png(), headers=PNG)
        wait_until(lambda: first.entered == 1)

        runtime.adopt(second)
        after = client.post("/predict", content=good_png(), headers=PNG).json()
        first.gate.set()

        assert begun.result().json()["model"]["sha256"] == first.sha256
        assert after["model"]["sha256"] == second.sha256
