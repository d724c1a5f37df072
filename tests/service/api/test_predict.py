import base64
import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests import pictures
from tests.pictures import dark, encode, good_jpeg, good_png
from tests.service.batch.zips import zipped as zip_of
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import nifti, zipped
from tests.serving import GatedClassifier, serve, settings_for, wait_until
from tests.wire import connect, head, read_answer

MEGABYTES_25 = 25 * 1024 * 1024


def as_file(data: bytes, name: str = "scan.jpg") -> dict[str, Any]:
    return {"files": {"file": (name, data)}}


def as_body(data: bytes, media_type: str) -> dict[str, Any]:
    return {"content": data, "headers": {"Content-Type": media_type}}


def form(*parts: str, end: str = "--limit--\r\n") -> dict[str, Any]:
    body = "".join(f"--limit\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + end
    return as_body(body.encode(), "multipart/form-data; boundary=limit")


BAD_INPUT: dict[str, tuple[Callable[[], dict[str, Any]], int, str]] = {
    "no body": (lambda: {}, 400, "malformed-request"),
    "no body, but a type": (lambda: as_body(b"", "image/png"), 400, "malformed-request"),
    "empty chunked body": (lambda: {"content": iter([b""])}, 400, "malformed-request"),
    "no boundary": (lambda: as_body(b"x", "multipart/form-data"), 400, "malformed-request"),
    "boundary too long": (
        lambda: as_body(b"x", "multipart/form-data; boundary=" + "b" * 300),
        400,
        "malformed-request",
    ),
    "not the announced boundary": (
        lambda: as_body(b"xyz", "multipart/form-data; boundary=limit"),
        400,
        "malformed-request",
    ),
    "cut off before the closing boundary": (
        lambda: form('name="file"\r\n\r\nxx', end="\r\n"),
        400,
        "malformed-request",
    ),
    "part without a name": (lambda: form("\r\n\r\nxx\r\n"), 400, "malformed-request"),
    "wrong field": (lambda: {"files": {"image": good_png()}}, 422, "invalid-request"),
    "a second field": (lambda: as_file(good_png()) | {"data": {"patient": "x"}}, 422, "invalid-request"),
    "two files": (
        lambda: {"files": [("file", good_png()), ("file", good_png())]},
        422,
        "invalid-request",
    ),
    "a form of nothing": (lambda: form(), 422, "invalid-request"),
    "empty file": (lambda: as_file(b""), 422, "unreadable-image"),
    "zero pixels": (lambda: as_file(pictures.zero_width_png()), 422, "unreadable-image"),
    "text named .jpg": (lambda: as_file(b"Dear colleague", "scan.jpg"), 415, "unsupported-format"),
    "text that says image/jpeg": (lambda: as_body(b"Dear colleague", "image/jpeg"), 415, "unsupported-format"),
    "text/plain": (lambda: as_body(good_png(), "text/plain"), 415, "unsupported-format"),
    "application/json": (lambda: {"json": {}}, 415, "unsupported-format"),
    "urlencoded": (lambda: {"data": {"file": "x"}}, 415, "unsupported-format"),
    "truncated JPEG": (lambda: as_file(pictures.truncated_jpeg()), 422, "unreadable-image"),
    "30,000 x 30,000 pixels": (lambda: as_file(pictures.oversized_png()), 413, "too-many-pixels"),
    "9,000 x 9,000 pixels": (lambda: as_file(pictures.oversized_png(9000, 9000)), 413, "too-many-pixels"),
    "25 MB file": (lambda: as_file(bytes(MEGABYTES_25)), 413, "payload-too-large"),
    "25 MB body": (lambda: as_body(bytes(MEGABYTES_25), "image/png"), 413, "payload-too-large"),
    "blank": (lambda: as_file(encode(pictures.blank())), 422, "blank-image"),
    "nothing like a brain": (lambda: as_file(encode(pictures.bright())), 422, "out-of-distribution"),
    "a ZIP": (lambda: as_file(zip_of(good_png())), 415, "unsupported-format"),
    "frame=-1": (lambda: as_file(good_png()) | {"params": {"frame": "-1"}}, 422, "invalid-request"),
    "frame=first": (lambda: as_file(good_png()) | {"params": {"frame": "first"}}, 422, "invalid-request"),
    "frame=99999999999999999999": (
        lambda: as_file(good_png()) | {"params": {"frame": "9" * 20}},
        422,
        "invalid-request",
    ),
    "explain=perhaps": (lambda: as_file(good_png()) | {"params": {"explain": "perhaps"}}, 422, "invalid-request"),
    "opacity=2": (lambda: as_file(good_png()) | {"params": {"opacity": 2}}, 422, "invalid-request"),
    "opacity=nan": (lambda: as_file(good_png()) | {"params": {"opacity": "nan"}}, 422, "invalid-request"),
    "Accept: text/html": (lambda: as_file(good_png()) | {"headers": {"Accept": "text/html"}}, 406, "not-acceptable"),
    "explian=true": (lambda: as_file(good_png()) | {"params": {"explian": "true"}}, 422, "invalid-request"),
}


@pytest.mark.parametrize(("request_of", "status", "code"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_gets_a_problem_and_the_next_good_request_its_answer(
    client: httpx.Client, request_of: Callable[[], dict[str, Any]], status: int, code: str
) -> None:
    response = client.post("/predict", **request_of())

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    problem = response.json()
    assert (problem["type"], problem["status"]) == (f"/problems/{code}", status)
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert client.post("/predict", **as_file(good_png())).status_code == 200


def test_a_refused_image_comes_with_its_novelty(client: httpx.Client) -> None:
    problem = client.post("/predict", **as_file(encode(pictures.bright()))).json()

    assert (problem["novelty"], problem["threshold"]) == (pytest.approx(2.686, abs=1e-3), 1)


GOOD_INPUT: dict[str, Callable[[], dict[str, Any]]] = {
    "multipart": lambda: as_file(good_png()),
    "multipart without a file name": lambda: {"files": {"file": (None, good_png())}},
    "image/png": lambda: as_body(good_png(), "image/png"),
    "another image's type": lambda: as_body(good_png(), "image/jpeg"),
    "application/octet-stream": lambda: as_body(good_png(), "application/octet-stream"),
    "a type that is not true": lambda: as_body(good_png(), "application/dicom"),
    "no type": lambda: {"content": good_png()},
    "type with a parameter": lambda: as_body(good_png(), "Image/PNG; q=1"),
    "chunked": lambda: {"content": iter([good_png()[:100], good_png()[100:]])},
}


@pytest.mark.parametrize("request_of", GOOD_INPUT.values(), ids=GOOD_INPUT)
def test_the_same_image_gets_the_same_answer_however_it_is_sent(
    client: httpx.Client, request_of: Callable[[], dict[str, Any]]
) -> None:
    expected = client.post("/predict", **as_file(good_png())).json()

    answer = client.post("/predict", **request_of()).json()

    assert answer | {"request_id": ""} == expected | {"request_id": ""}


@pytest.mark.parametrize(
    "data",
    [
        lambda: nifti(np.stack([dark(seed=seed) for seed in range(3)], -1)),
        lambda: dicom(np.stack([dark(seed=seed) for seed in range(3)]), frames=3),
    ],
    ids=["NIfTI", "DICOM"],
)
def test_an_object_of_several_frames_is_answered_for_the_frame_that_is_named(
    client: httpx.Client, data: Callable[[], bytes]
) -> None:
    refused = client.post("/predict", content=data())
    answers = [client.post("/predict", params={"frame": frame}, content=data()).json() for frame in range(3)]
    absent = client.post("/predict?frame=3", content=data())

    problem = refused.json()
    assert (refused.status_code, problem["type"], problem["frames"]) == (422, "/problems/frame-required", 3)
    for needed in ("3 frames", "?frame=", "/predict/batch"):
        assert needed in problem["detail"]
    assert [answer["image"]["frame"] for answer in answers] == [0, 1, 2]
    assert len({answer["probability"] for answer in answers}) == 3
    assert (absent.status_code, absent.json()["type"]) == (422, "/problems/invalid-request")


def test_the_frame_of_an_image_of_one_may_be_named(client: httpx.Client) -> None:
    expected = client.post("/predict", content=good_png()).json()

    answer = client.post("/predict?frame=0", content=good_png())

    assert answer.json() | {"request_id": ""} == expected | {"request_id": ""}
    assert client.post("/predict?frame=1", content=good_png()).status_code == 422


@pytest.mark.parametrize(
    ("policy", "status", "warnings"), [("refuse", 422, None), ("warn", 200, ["not-a-brain-mri"]), ("ignore", 200, [])]
)
def test_a_header_that_says_it_is_no_brain_mri_is_met_as_the_operator_wants(
    model_path: Path, policy: str, status: int, warnings: list[str] | None
) -> None:
    with serve(settings_for(model_path, header_policy=policy)) as (client, _):
        answer = client.post("/predict", content=dicom(dark(), Modality="CT"))

    assert answer.status_code == status
    if warnings is None:
        assert answer.json()["type"] == "/problems/not-a-brain-mri"
        assert "(0008,0060) Modality is CT (computed tomography)" in answer.json()["detail"]
    else:
        assert [warning["code"] for warning in answer.json()["warnings"]] == warnings


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("application/dicom", lambda: dicom(dark())),
        ("application/gzip", lambda: zipped(nifti(dark()[:, :, None]))),
    ],
)
def test_the_registered_types_of_dicom_and_gzip_are_taken(
    client: httpx.Client, media_type: str, data: Callable[[], bytes]
) -> None:
    expected = client.post("/predict", **as_file(data())).json()

    answer = client.post("/predict", **as_body(data(), media_type))

    assert answer.status_code == 200
    assert answer.json() | {"request_id": ""} == expected | {"request_id": ""}


def test_who_accepts_a_png_gets_the_picture_with_a_legend(client: httpx.Client) -> None:
    explained = client.post("/predict?explain=true", **as_file(good_jpeg())).json()["heatmap"]
    response = client.post("/predict", **as_file(good_jpeg()), headers={"Accept": "image/png"})

    overlay = Image.open(io.BytesIO(base64.b64decode(explained.partition(",")[2])))
    picture = Image.open(io.BytesIO(response.content))
    left = (picture.width - overlay.width) // 2
    assert (response.headers["Content-Type"], response.headers["Vary"]) == ("image/png", "Accept")
    assert picture.height > overlay.height + 80
    assert picture.crop((left, 0, left + overlay.width, overlay.height)).tobytes() == overlay.tobytes()


def test_who_accepts_a_png_still_gets_problems_as_json(client: httpx.Client) -> None:
    response = client.post("/predict", **as_file(b"text"), headers={"Accept": "image/png"})

    assert (response.status_code, response.headers["Content-Type"]) == (415, "application/problem+json")


def test_the_opacity_of_the_heat_map_changes_the_picture_only(client: httpx.Client) -> None:
    answers = [
        client.post("/predict", params={"explain": True, "opacity": opacity}, **as_file(good_jpeg())).json()
        for opacity in (0.5, 0.9)
    ]
    default = client.post("/predict?explain=true", **as_file(good_jpeg())).json()

    assert answers[0].pop("heatmap") == default["heatmap"] != answers[1].pop("heatmap")
    assert answers[0] | {"request_id": ""} == answers[1] | {"request_id": ""}


def test_explain_adds_the_heat_map_and_nothing_else(client: httpx.Client) -> None:
    plain = client.post("/predict", **as_file(good_jpeg())).json()
    explained = client.post("/predict?explain=true", **as_file(good_jpeg())).json()

    assert explained.pop("heatmap").startswith("data:image/png;base64,")
    assert plain.pop("heatmap") is None
    assert explained | {"request_id": ""} == plain | {"request_id": ""}


def test_an_image_of_just_the_largest_size_passes_in_a_form(model_path: Path) -> None:
    data = encode(dark(100, 100))
    with serve(settings_for(model_path, max_bytes=len(data))) as (client, _):
        assert client.post("/predict", **as_file(data)).status_code == 200
        assert client.post("/predict", **as_file(data + b"x")).status_code == 413
        assert client.post("/predict", **as_body(data, "image/png")).status_code == 200
        assert client.post("/predict", **as_body(data + b"x", "image/png")).status_code == 413


def test_the_same_bytes_give_the_same_json_from_many_threads(client: httpx.Client) -> None:
    def answer(_: int) -> bytes:
        response = client.post("/predict?explain=true", **as_file(good_jpeg()))
        return response.content.replace(response.headers["X-Request-ID"].encode(), b"")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(answer, range(200)))) == 1


def test_an_upload_that_falls_silent_gives_its_place_up(model_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.upload.SILENCE_S", 0.1)
    with serve(settings_for(model_path)) as (client, runtime), connect(client.base_url.port or 0) as connection:
        connection.sendall(head(Content_Type="image/png", Content_Length=100) + b"x")

        answer = read_answer(connection)

        assert (answer.status, runtime.admission.occupied) == (408, 0)


def test_a_body_that_does_not_arrive_before_the_deadline_gets_408(model_path: Path) -> None:
    with serve(settings_for(model_path, deadline_s=2)) as (client, runtime):
        with connect(client.base_url.port) as connection:
            connection.sendall(head(Content_Type="image/png", Content_Length=100) + b"only a part")

            answer = read_answer(connection)

        assert (answer.status, runtime.admission.occupied) == (408, 0)
        assert b"request-timed-out" in answer.body
        assert client.post("/predict", **as_file(good_png())).status_code == 200


def test_an_answer_that_is_not_ready_at_the_deadline_gets_504(model_path: Path) -> None:
    classifier = GatedClassifier(model_path)
    with serve(settings_for(model_path, deadline_s=2, threads=1), classifier) as (client, runtime):
        computing = client.post("/predict", **as_file(good_png()))
        queueing = client.post("/predict", **as_file(good_png()))
        classifier.gate.set()
        wait_until(lambda: runtime.admission.occupied == 0)

        assert (computing.status_code, queueing.status_code) == (504, 504)
        assert computing.json()["type"] == "/problems/deadline-exceeded"
        assert classifier.entered == 1
        assert client.post("/predict", **as_file(good_png())).status_code == 200


def test_who_finds_no_place_gets_503_and_is_told_when_to_come_again(model_path: Path) -> None:
    classifier = GatedClassifier(model_path)
    with (
        serve(settings_for(model_path, threads=1, queue_length=0), classifier) as (client, _),
        ThreadPoolExecutor(1) as other,
    ):
        first = other.submit(client.post, "/predict", **as_file(good_png()))
        wait_until(lambda: classifier.entered == 1)

        refused = client.post("/predict", **as_file(good_png()))
        health = client.get("/health")
        classifier.gate.set()

        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/queue-full")
        assert int(refused.headers["Retry-After"]) > 0
        assert health.status_code == 200
        assert first.result().status_code == 200
        assert client.post("/predict", **as_file(good_png())).status_code == 200


def test_who_comes_while_it_drains_gets_503_and_who_is_in_is_served(model_path: Path) -> None:
    classifier = GatedClassifier(model_path)
    with serve(settings_for(model_path), classifier) as (client, runtime), ThreadPoolExecutor(1) as other:
        first = other.submit(client.post, "/predict", **as_file(good_png()))
        wait_until(lambda: classifier.entered == 1)

        runtime.admission.drain()
        refused = client.post("/predict", **as_file(good_png()))
        ready, live = client.get("/health/ready"), client.get("/health/live")
        classifier.gate.set()

        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/not-ready")
        assert int(refused.headers["Retry-After"]) > 0
        assert (ready.status_code, live.status_code) == (503, 200)
        assert first.result().status_code == 200


def test_image_content_never_touches_a_disk(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = threading.Event()
    monkeypatch.setattr("tempfile.TemporaryFile", lambda *_, **__: opened.set())
    monkeypatch.setattr("tempfile.NamedTemporaryFile", lambda *_, **__: opened.set())
    large = encode(pictures.dark(3000, 2000))  # several megabytes of noise

    assert client.post("/predict", **as_file(large)).status_code == 200
    assert not opened.is_set()
