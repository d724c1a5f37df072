"""`POST /predict/batch` over a real socket."""

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from service.classifier import Classifier, Result
from service.imaging import Picture
from service.logs import JsonFormatter
from tests.pictures import blank, bright, dark, encode, good_png, oversized_png, truncated_jpeg
from tests.service.batch.zips import zipped
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import nifti
from tests.service.imaging.nifti.volumes import zipped as gzipped
from tests.serving import PATIENCE_S, serve, settings_for, wait_until
from tests.tiny_model import CLASSES, write_model

SLICES = [dark(seed=seed) for seed in range(3)]
FILES = [encode(pixels) for pixels in SLICES]
PATIENT = "DOE^JANE"
NDJSON = {"Accept": "application/x-ndjson"}


def form(*files: bytes) -> dict[str, Any]:
    return {"files": [("files", (f"{PATIENT}-{number}.png", data)) for number, data in enumerate(files)]}


def body(data: bytes, media_type: str | None = None) -> dict[str, Any]:
    return {"content": data, "headers": {"Content-Type": media_type} if media_type else {}}


def pages(kind: str) -> bytes:
    first, *others = (Image.fromarray(pixels) for pixels in SLICES)
    file = io.BytesIO()
    first.save(file, kind, save_all=True, append_images=others)
    return file.getvalue()


def volume() -> bytes:
    return nifti(np.stack(SLICES, -1))


def places(answer: dict[str, Any]) -> list[tuple[int, int | None]]:
    return [(result["file"], result["frame"]) for result in answer["results"]]


THREE_FILES, THREE_FRAMES = [(0, 0), (1, 0), (2, 0)], [(0, 0), (0, 1), (0, 2)]
INPUT: dict[str, tuple[Callable[[], dict[str, Any]], list[tuple[int, int]]]] = {
    "a form of files": (lambda: form(*FILES), THREE_FILES),
    "a form of a ZIP": (lambda: form(zipped(*FILES)), THREE_FILES),
    "a form of a file and a ZIP": (lambda: form(FILES[0], zipped(*FILES[1:])), THREE_FILES),
    "a ZIP": (lambda: body(zipped(*FILES), "application/zip"), THREE_FILES),
    "a ZIP by the name that Windows gives it": (
        lambda: body(zipped(*FILES), "application/x-zip-compressed"),
        THREE_FILES,
    ),
    "a ZIP without a type": (lambda: body(zipped(*FILES)), THREE_FILES),
    "a ZIP that says it is an image": (lambda: body(zipped(*FILES), "image/png"), THREE_FILES),
    "DICOM of several frames": (
        lambda: body(dicom(np.stack(SLICES), frames=3), "application/dicom"),
        THREE_FRAMES,
    ),
    "a deflated DICOM object in a ZIP": (
        lambda: body(zipped(dicom(np.stack(SLICES), uid.DeflatedExplicitVRLittleEndian, frames=3)), "application/zip"),
        THREE_FRAMES,
    ),
    "TIFF": (lambda: body(pages("TIFF"), "image/tiff"), THREE_FRAMES),
    "GIF": (lambda: body(pages("GIF"), "image/gif"), THREE_FRAMES),
    "NIfTI": (lambda: body(volume(), "application/octet-stream"), THREE_FRAMES),
    "NIfTI in gzip": (lambda: body(gzipped(volume()), "application/gzip"), THREE_FRAMES),
    "one image": (lambda: body(FILES[0], "image/png"), [(0, 0)]),
}


@pytest.mark.parametrize(("request_of", "expected"), INPUT.values(), ids=INPUT)
def test_every_frame_of_every_file_is_answered(
    client: httpx.Client, request_of: Callable[[], dict[str, Any]], expected: list[tuple[int, int]]
) -> None:
    response = client.post("/predict/batch", **request_of())

    answer = response.json()
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert places(answer) == expected
    assert [result["index"] for result in answer["results"]] == list(range(len(expected)))
    assert {result["status"] for result in answer["results"]} == {200}
    assert [result["prediction"]["image"]["frame"] for result in answer["results"]] == [frame for _, frame in expected]


@pytest.mark.parametrize("explain", [False, True])
def test_an_image_gets_the_answer_that_it_gets_alone(client: httpx.Client, explain: bool) -> None:
    alone = client.post("/predict", params={"explain": explain}, files={"file": FILES[1]}).json()

    batch = client.post("/predict/batch", params={"explain": explain}, **form(*FILES)).json()

    assert batch["results"][1]["prediction"] | {"request_id": ""} == alone | {"request_id": ""}
    assert (alone["heatmap"] is not None) == explain


def test_a_refused_image_gets_the_problem_that_it_gets_alone(client: httpx.Client) -> None:
    alone = client.post("/predict", files={"file": encode(bright())}).json()

    (result,) = client.post("/predict/batch", **form(encode(bright()))).json()["results"]

    assert result["problem"] | {"request_id": ""} == alone | {"request_id": ""}
    assert (result["status"], result["prediction"]) == (422, None)


BAD_FILES: dict[str, tuple[Callable[[], bytes], int, str, int | None]] = {
    "text": (lambda: b"Dear colleague", 415, "unsupported-format", None),
    "empty": (lambda: b"", 422, "unreadable-image", None),
    "truncated": (truncated_jpeg, 422, "unreadable-image", 0),
    "blank": (lambda: encode(blank()), 422, "blank-image", 0),
    "no brain": (lambda: encode(bright()), 422, "out-of-distribution", 0),
    "too many pixels": (lambda: oversized_png(), 413, "too-many-pixels", None),
    "too many bytes": (lambda: bytes(21 * 1024 * 1024), 413, "payload-too-large", None),
    "CT": (lambda: dicom(dark(), Modality="CT"), 422, "not-a-brain-mri", 0),
    "a damaged ZIP": (lambda: zipped(*FILES)[:-40], 422, "unreadable-image", None),
    "an empty ZIP": (lambda: zipped(), 422, "unreadable-image", None),
    "a ZIP in a ZIP": (lambda: zipped(zipped(*FILES)), 415, "unsupported-format", None),
}


@pytest.mark.parametrize(("bad", "status", "code", "frame"), BAD_FILES.values(), ids=BAD_FILES)
def test_one_bad_file_does_not_fail_the_rest(
    client: httpx.Client, bad: Callable[[], bytes], status: int, code: str, frame: int | None
) -> None:
    answer = client.post("/predict/batch", **form(FILES[0], bad(), FILES[1])).json()

    assert [result["status"] for result in answer["results"]] == [200, status, 200]
    refused = answer["results"][1]
    assert (refused["index"], refused["file"], refused["frame"], refused["prediction"]) == (1, 1, frame, None)
    assert refused["problem"]["type"] == f"/problems/{code}"
    assert answer["summary"]["refusals"] == {code: 1}


def test_twenty_files_of_which_two_are_bad(client: httpx.Client) -> None:
    files = [encode(dark(seed=seed)) for seed in range(20)]
    files[4], files[17] = b"text", encode(bright())

    answer = client.post("/predict/batch", **form(*files)).json()

    summary = answer["summary"]
    assert places(answer) == [(file, None if file == 4 else 0) for file in range(20)]
    assert (summary["images"], summary["answered"], summary["refused"]) == (20, 18, 2)
    assert summary["refusals"] == {"unsupported-format": 1, "out-of-distribution": 1}


def test_the_answer_has_the_members_that_the_page_reads(client: httpx.Client) -> None:
    answer = client.post("/predict/batch", **form(FILES[0], b"text")).json()

    assert set(answer) == {"results", "summary", "model", "request_id", "disclaimer"}
    for result in answer["results"]:
        assert set(result) == {"index", "file", "frame", "status", "prediction", "problem"}
    summary = answer["summary"]
    assert set(summary["classes"]) == set(CLASSES)
    for figures in summary["classes"].values():
        assert set(figures) == {"maximum", "mean", "decisions"}
    assert set(summary["tumor_probability"]) == {"maximum", "mean"}
    for suspicious in summary["most_suspicious"]:
        assert set(suspicious) == {"index", "file", "frame", "label", "tumor_probability"}


def test_lines_hold_what_the_object_holds(client: httpx.Client) -> None:
    sent = form(FILES[0], b"text", FILES[1])
    whole = client.post("/predict/batch", headers={"X-Request-ID": "id"}, **sent).json()

    response = client.post("/predict/batch", headers={"X-Request-ID": "id", **NDJSON}, **sent)

    *results, end = (json.loads(line) for line in response.text.splitlines())
    assert response.headers["Content-Type"] == "application/x-ndjson"
    assert [result.pop("kind") for result in results] == ["result"] * 3
    assert end.pop("kind") == "summary"
    assert {"results": results, **end} == whole


class Turnstile(Classifier):
    """Lets the first image pass, and every other one only when it is told to."""

    def __init__(self, model_path: Path, pass_first: int = 1) -> None:
        super().__init__(model_path)
        self.passes = threading.Semaphore(pass_first)
        self.entered = 0

    def classify(self, picture: Picture, explain: bool = False) -> Result:
        self.entered += 1
        if not self.passes.acquire(timeout=PATIENCE_S):
            raise TimeoutError("nobody let the image pass")
        return super().classify(picture, explain)


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


class Failing(Classifier):
    """Fails on the second image, with a message that nobody may see."""

    calls = 0

    def classify(self, picture: Picture, explain: bool = False) -> Result:
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError(PATIENT)
        return super().classify(picture, explain)


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
    assert end["summary"]["refusals"] == {"internal-error": 1}


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
