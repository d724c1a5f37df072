"""A batch while it runs: streaming, other requests, clients that leave, defects, deadlines and shutdown."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from service.classifier import Classifier
from service.logs import JsonFormatter
from tests.service.api.batches import FILES, NDJSON, PATIENT, Failing, Turnstile, form, volume
from tests.service.batch.zips import zipped
from tests.serving import PATIENCE_S, serve, settings_for, wait_until
from tests.tiny_model import write_model


@pytest.fixture
def turnstile(model_path: Path) -> Iterator[Turnstile]:
    made = Turnstile(model_path)
    yield made
    made.passes.release(100)


def test_a_line_arrives_before_the_next_image_is_computed(model_path: Path, turnstile: Turnstile) -> None:
    with (
        serve(settings_for(model_path), turnstile) as (client, _),
        client.stream("POST", "/predict/batch", headers=NDJSON, **form(*FILES)) as response,
    ):
        lines = response.iter_lines()

        first = json.loads(next(lines))
        assert (first["index"], first["status"]) == (0, 200)
        turnstile.passes.release(2)

        assert [json.loads(line)["kind"] for line in lines] == ["result", "result", "summary"]


def test_a_batch_leaves_the_other_threads_to_single_requests(model_path: Path, turnstile: Turnstile) -> None:
    with (
        serve(settings_for(model_path, threads=2, queue_length=2), turnstile) as (client, runtime),
        client.stream("POST", "/predict/batch", headers=NDJSON, **form(*FILES)) as batch,
        httpx.Client(base_url=client.base_url, timeout=PATIENCE_S) as other,
    ):
        wait_until(lambda: turnstile.entered == 2)  # one passed, the next one of the same batch waits
        assert other.get("/health").status_code == 200
        assert other.post("/predict", content=b"no image").status_code == 415
        assert (turnstile.entered, runtime.admission.occupied) == (2, 1)
        turnstile.passes.release(10)

        assert len(list(batch.iter_lines())) == 4


def test_a_client_that_leaves_stops_the_work_and_frees_its_place(model_path: Path, turnstile: Turnstile) -> None:
    with serve(settings_for(model_path), turnstile) as (client, runtime):
        with client.stream("POST", "/predict/batch", headers=NDJSON, **form(*FILES * 3)) as response:
            lines = response.iter_lines()  # which closes the connection once it is forgotten
            next(lines)
            wait_until(lambda: turnstile.entered == 2)
        wait_until(lambda: runtime.batches.free == 2)
        turnstile.passes.release(100)
        wait_until(lambda: runtime.admission.occupied == 0)

        assert turnstile.entered == 2
        assert client.post("/predict/batch", **form(*FILES)).json()["summary"]["answered"] == 3


def test_all_answers_are_of_one_model_whatever_is_loaded_meanwhile(
    model_path: Path, turnstile: Turnstile, tmp_path: Path
) -> None:
    with serve(settings_for(model_path), turnstile) as (client, runtime):
        with client.stream("POST", "/predict/batch", headers=NDJSON, **form(*FILES)) as response:
            lines = response.iter_lines()
            answers = [json.loads(next(lines))["prediction"]]
            runtime._classifier = Classifier(write_model(tmp_path / "other.onnx", seed=8))
            turnstile.passes.release(2)
            *results, end = (json.loads(line) for line in lines)
        answers += [result["prediction"] for result in results]

        assert {answer["model"]["sha256"] for answer in [*answers, end]} == {turnstile.sha256}
        assert client.get("/health").json()["model"]["sha256"] != turnstile.sha256


@pytest.mark.parametrize("headers", [{}, NDJSON])
def test_a_defect_is_one_result_without_a_word_about_it_and_the_summary_follows(
    model_path: Path, headers: dict[str, str]
) -> None:
    with serve(settings_for(model_path), Failing(model_path)) as (client, _):
        response = client.post("/predict/batch", headers=headers, **form(*FILES))

    assert response.status_code == 200
    assert PATIENT not in response.text
    if headers:
        *results, end = (json.loads(line) for line in response.text.splitlines())
    else:
        end = response.json()
        results = end["results"]
    assert [result["status"] for result in results] == [200, 500, 200]
    assert (results[1]["problem"]["type"], results[1]["problem"]["title"]) == ("about:blank", "Internal Server Error")
    assert end["summary"]["refusals"] == {"unexpected-error": 1}


def test_an_image_past_its_deadline_is_one_result_and_the_next_waits_for_it(model_path: Path) -> None:
    turnstile = Turnstile(model_path, pass_first=0)
    with (
        serve(settings_for(model_path, deadline_s=1, threads=1), turnstile) as (client, _),
        client.stream("POST", "/predict/batch", headers=NDJSON, **form(*FILES)) as response,
    ):
        lines = response.iter_lines()
        first = json.loads(next(lines))
        turnstile.passes.release(10)
        others = [json.loads(line) for line in lines]

    assert (first["status"], first["problem"]["type"]) == (504, "/problems/deadline-exceeded")
    assert [line.get("status") for line in others] == [200, 200, None]


def test_past_the_deadline_of_the_batch_the_rest_is_refused_in_order(model_path: Path) -> None:
    turnstile = Turnstile(model_path, pass_first=0)
    with (
        serve(settings_for(model_path, batch_deadline_s=2), turnstile) as (client, _),
        client.stream("POST", "/predict/batch", headers=NDJSON, **form(FILES[0], volume(), FILES[1])) as response,
    ):
        lines = [json.loads(line) for line in response.iter_lines()]
        turnstile.passes.release(10)

    *results, end = lines
    assert [(one["file"], one["frame"], one["status"]) for one in results] == [
        (0, 0, 504),
        (1, None, 504),
        (2, None, 504),
    ]
    assert end["summary"]["refusals"] == {"deadline-exceeded": 3}


def test_a_batch_goes_on_while_the_service_drains_but_not_for_ever(model_path: Path, turnstile: Turnstile) -> None:
    with (
        serve(settings_for(model_path, deadline_s=3), turnstile) as (client, runtime),
        client.stream("POST", "/predict/batch", headers=NDJSON, **form(*FILES, *FILES)) as response,
    ):
        lines = response.iter_lines()
        next(lines)
        runtime.admission.drain()
        turnstile.passes.release()
        assert json.loads(next(lines))["status"] == 200
        wait_until(lambda: runtime.admission.drained_for() > 1.5)
        turnstile.passes.release(10)
        *results, end = (json.loads(line) for line in lines)

    assert [result["status"] for result in results] == [200, 503, 503, 503]
    assert end["summary"]["refusals"] == {"not-ready": 3}


def test_no_more_batches_than_are_allowed_are_taken_at_once(model_path: Path, turnstile: Turnstile) -> None:
    with (
        serve(settings_for(model_path, max_batches=1), turnstile) as (client, _),
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(client.post, "/predict/batch", **form(*FILES))
        wait_until(lambda: turnstile.entered == 2)
        refused = client.post("/predict/batch", **form(*FILES))
        turnstile.passes.release(10)

        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/queue-full")
        assert int(refused.headers["Retry-After"]) > 0
        assert first.result().json()["summary"]["answered"] == 3


def test_names_of_files_are_nowhere(model_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "service")
    entries = zipped(FILES[0], b"text", zipped(FILES[0]), name=PATIENT + "{}.png")
    with serve(settings_for(model_path), Failing(model_path)) as (client, _):
        response = client.post("/predict/batch", **form(FILES[0], FILES[1], b"text", entries, entries[:-9]))
        refused = client.post("/predict/batch", files={PATIENT: (PATIENT, b"x")})

    assert response.json()["summary"]["images"] == 7
    log = [JsonFormatter().format(record) for record in caplog.records]
    assert any("unexpected error" in line for line in log)
    for text in (response.text, refused.text, *log):
        assert "DOE" not in text
