import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.running_service import RunningService, running_service
from tests.pictures import good_png
from tests.serving import PATIENCE_S, wait_until
from tests.tiny_model import card, write_model

WORKERS, CLIENTS = 2, 6
PNG = {"Content-Type": "image/png"}


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    """A model file that a test may replace."""
    return write_model(tmp_path / "model.onnx", work=20)


@contextmanager
def several(model: Path, **settings: Any) -> Iterator[RunningService]:
    """Run a service of two workers, and wait until both serve."""
    with running_service(model, workers=WORKERS, threads=1, **settings) as service:
        wait_until(lambda: {line["worker"] for line in began(service)} == set(range(WORKERS)))
        yield service


def began(service: RunningService) -> list[dict[str, Any]]:
    return [line for line in service.log_lines() if line.get("event") == "listening"]


def pids(service: RunningService) -> dict[int, int]:
    """Return the process of each worker, as the system knows them."""
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    lines = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    workers = sorted(child for child, line in lines.items() if b"spawn_main" in line)
    return dict(enumerate(workers))


@dataclass
class Load:
    """What clients saw: (began, ended, status) of each request, None for one that got no answer."""

    seen: list[tuple[float, float, int | None]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def send(self, url: str) -> None:
        """Ask over a connection that stays open, until told to stop."""
        with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
            while not self.stop.is_set():
                sent, status = time.monotonic(), None
                with suppress(httpx.TransportError):
                    status = client.post("/predict", content=good_png(), headers=PNG).status_code
                self.seen.append((sent, time.monotonic(), status))

    @property
    def lost(self) -> list[tuple[float, float, int | None]]:
        return [request for request in self.seen if request[2] is None]


@contextmanager
def load(url: str) -> Iterator[Load]:
    """Keep a few clients asking for the time of a block."""
    running = Load()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(running.send, url) for _ in range(CLIENTS)]
        try:
            wait_until(lambda: len(running.seen) >= 2 * CLIENTS)
            yield running
        finally:
            running.stop.set()
        for client in clients:
            client.result()


def test_a_killed_worker_loses_only_what_it_was_answering_and_is_replaced(own_model: Path) -> None:
    with several(own_model) as service:
        before = pids(service)
        with load(service.url) as running:
            killed = time.monotonic()
            os.kill(before[0], signal.SIGKILL)
            wait_until(lambda: len(pids(service)) == WORKERS and before[0] not in pids(service).values())
            wait_until(lambda: len(began(service)) == WORKERS + 1)
            seen = len(running.seen)
            wait_until(lambda: len(running.seen) >= seen + 3 * CLIENTS)

        assert {status for _, _, status in running.seen} <= {200, None}
        assert len(running.lost) <= CLIENTS
        assert all(sent <= killed + 0.05 for sent, _, _ in running.lost)
        assert any(sent > killed for sent, _, status in running.seen if status == 200)
        assert before[1] in pids(service).values()
        deaths = [line for line in service.log_lines() if line["event"] == "a worker died"]
        assert [(line["level"], line["reason"]) for line in deaths] == [("error", "SIGKILL")]
        service.terminate()
        assert service.exit_code() == 0


def test_a_hang_up_reaches_every_worker_and_no_request_is_lost(own_model: Path) -> None:
    with several(own_model) as service:
        with load(service.url) as running:
            write_model(own_model.with_suffix(".new"), card_json=json.dumps(card(version="0.0.2")), seed=8).replace(
                own_model
            )
            service.process.send_signal(signal.SIGHUP)
            wait_until(lambda: len(reloaded(service)) == WORKERS)
            seen = len(running.seen)
            wait_until(lambda: len(running.seen) >= seen + 2 * CLIENTS)

        assert {status for _, _, status in running.seen} == {200}
        assert {line["version"] for line in reloaded(service)} == {"0.0.2"}
        assert len(pids(service)) == WORKERS


def reloaded(service: RunningService) -> list[dict[str, Any]]:
    return [line for line in service.log_lines() if line.get("event") == "reloaded"]


def test_a_stop_answers_what_was_admitted_by_every_worker(own_model: Path) -> None:
    with several(own_model) as service:
        workers = pids(service)
        with load(service.url) as running:
            service.terminate()
            running.stop.set()
        assert service.exit_code() == 0

    assert not any(Path(f"/proc/{pid}").exists() for pid in workers.values())
    assert {status for _, _, status in running.seen} <= {200, 503}


def test_the_metrics_of_any_worker_are_those_of_all(own_model: Path) -> None:
    asked = 12
    with several(own_model) as service:
        for _ in range(asked):
            assert httpx.post(f"{service.url}/predict", content=good_png(), headers=PNG).status_code == 200

        def answered() -> dict[str, float]:
            families = {family.name: family for family in text_string_to_metric_families(scraped(service))}
            samples = families["brain_mri_images"].samples
            return {sample.labels["worker"]: sample.value for sample in samples}

        wait_until(lambda: sum(answered().values()) == asked)
        families = {family.name: family for family in text_string_to_metric_families(scraped(service))}

    for name in ("process_resident_memory_bytes", "brain_mri_slots_capacity", "brain_mri_model_info"):
        assert {sample.labels["worker"] for sample in families[name].samples} == {"0", "1"}
    assert families["brain_mri_requests"].type == "counter"
    assert families["brain_mri_stage_seconds"].type == "histogram"


def scraped(service: RunningService) -> str:
    return httpx.get(f"{service.url}/metrics").text


def test_workers_that_cannot_begin_end_the_service(tmp_path: Path) -> None:
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"half a file")

    said = r"ended with 2: brain-mri-service: .*model\.onnx"
    with pytest.raises(RuntimeError, match=said), running_service(broken, workers=WORKERS):
        pass


def test_a_successor_that_cannot_begin_yet_leaves_the_others_serving(own_model: Path) -> None:
    with several(own_model) as service:
        whole, before = own_model.read_bytes(), pids(service)
        own_model.write_bytes(b"half a file")
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: any(line.get("reason") == "exit code 2" for line in service.log_lines()))
        assert httpx.post(f"{service.url}/predict", content=good_png(), headers=PNG).status_code == 200
        own_model.write_bytes(whole)
        wait_until(lambda: len(began(service)) == WORKERS + 1)


def test_workers_end_when_their_supervisor_is_killed(own_model: Path) -> None:
    with several(own_model) as service:
        workers = pids(service)
        service.process.kill()
        wait_until(lambda: not any(is_running(pid) for pid in workers.values()))


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended; one that nobody has asked after stays as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
