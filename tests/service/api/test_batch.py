"""`POST /predict/batch` over a real socket: what comes in, and what comes out."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from pydicom import uid

from tests.pictures import blank, bright, dark, encode, oversized_png, truncated_jpeg
from tests.service.api.batches import FILES, NDJSON, SLICES, body, form, pages, volume
from tests.service.batch.zips import zipped
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import zipped as gzipped
from tests.tiny_model import CLASSES


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
