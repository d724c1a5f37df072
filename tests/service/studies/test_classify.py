"""`POST /studies/{uid}/classify` with a real archive."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import CTImageStorage, EnhancedMRImageStorage, generate_uid

from service import DISCLAIMER
from service.app import create_app
from service.errors import ArchiveFailed, PeerUnavailable, SettingsError
from service.phantom import brain_slice
from service.series_selection import read_rules
from service.settings import Settings
from service.studies import Computing, StudyClassification, StudyOptions, archive_options, open_archive
from tests.callers import write_keys
from tests.dicom_validators import errors_of
from tests.orthanc import Orthanc, running_orthanc
from tests.peers import need
from tests.service.reports.scans import MODEL, predictor, scan
from tests.service.studies.archives import archive_settings, pulling_service, study_of

FILES = [scan(number) for number in range(1, 7)]
STUDY = study_of(FILES[0])
LOCALIZER = generate_uid(entropy_srcs=["localizer"])
CT = generate_uid(entropy_srcs=["ct"])
NAMES = ("Phantom", "PHANTOM-1", "19700101", "A-1")


def series_of(uid: str) -> dict[str, str]:
    """Return the UIDs of the only image of another series."""
    return {"SeriesInstanceUID": uid, "SOPInstanceUID": generate_uid(entropy_srcs=[uid])}


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with running_orthanc(tmp_path_factory.mktemp("pull")) as archive:
        for data in FILES:
            archive.add(data)
        archive.add(scan(1, **series_of(LOCALIZER), SeriesDescription="3-plane localizer"))
        archive.add(scan(2, **series_of(CT), SOPClassUID=CTImageStorage, Modality="CT"))
        yield archive


@pytest.fixture(scope="module")
def client(pacs: Orthanc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with pulling_service(pacs, tmp_path_factory.mktemp("service")) as (own, _):
        yield own


def classify(client: httpx.Client, study: str = STUDY, **query: Any) -> httpx.Response:
    return client.post(f"/studies/{study}/classify", params=query)


def taken(answer: dict[str, Any]) -> dict[str, Any]:
    (series,) = [one for one in answer["series"] if one["taken"]]
    return series


def test_the_brain_is_classified_and_the_others_are_left_with_the_rule(client: httpx.Client) -> None:
    answer = classify(client).raise_for_status().json()

    reasons = {one["series_uid"]: one["reason"] for one in answer["series"] if not one["taken"]}
    assert reasons == {
        LOCALIZER: "exclude.SeriesDescription: matches '*LOCALIZER*'",
        CT: "include.Modality: matches none of 1 patterns",
    }
    series = taken(answer)
    assert series["instances"] == series["summary"]["images"] == len(series["images"]) == 6
    assert answer["study_uid"] == STUDY
    assert answer["disclaimer"] == DISCLAIMER


def test_each_image_gets_what_it_gets_when_it_is_sent(client: httpx.Client) -> None:
    series = taken(classify(client).json())

    for data, image in zip(FILES, series["images"], strict=True):
        alone = client.post("/predict", content=data, headers={"Content-Type": "application/dicom"}).json()
        assert image["sop_instance_uid"] == str(dcmread(io.BytesIO(data)).SOPInstanceUID)
        assert (image["decision"], image["tumor_probability"]) == (alone["decision"], alone["tumor_probability"])


def test_a_dry_run_classifies_nothing_and_says_what_would_be(client: httpx.Client) -> None:
    series = taken(classify(client, dry_run=True).json())

    assert (series["reason"], series["instances"], series["summary"], series["images"]) == (
        "matches every rule",
        6,
        None,
        [],
    )


def test_the_answer_names_no_patient(client: httpx.Client) -> None:
    text = classify(client).text

    assert [name for name in NAMES if name in text] == []


def test_results_are_stored_once_however_often_it_is_asked(pacs: Orthanc, client: httpx.Client, tmp_path: Path) -> None:
    assert [one["stored"] for one in taken(classify(client).json())["objects"]] == [False] * 4
    assert pacs.instances("SR") == []

    first, second = (taken(classify(client, store=True).json())["objects"] for _ in range(2))

    assert first == second
    assert [one["kind"] for one in first] == ["report", *["secondary-capture"] * 3]
    assert all(one["stored"] for one in first)
    assert (len(pacs.instances("SR")), len(pacs.instances("OT"))) == (1, 3)
    series = pacs.get(f"/dicom-web/studies/{STUDY}/series", includefield="Modality")
    assert sorted(one["00080060"]["Value"][0] for one in series) == ["CT", "MR", "MR", "OT", "SR"]
    check_objects(pacs, tmp_path)


def check_objects(pacs: Orthanc, folder: Path) -> None:
    """Let the validators look at what is in the archive now."""
    need("dsr2html")
    paths = [folder / f"{name}.dcm" for name in (*pacs.instances("SR"), *pacs.instances("OT"))]
    for path in paths:
        path.write_bytes(pacs.file(path.stem))
    assert errors_of(paths) == []
    page = subprocess.run(["dsr2html", "+Rt", str(paths[0])], capture_output=True, text=True, check=True).stdout
    for said in ("Neoplasm", "brain-tumor-mri", "6 of 6 images answered", DISCLAIMER):
        assert said in page, said


def test_a_series_with_its_report_can_be_left_out(client: httpx.Client) -> None:
    classify(client, store=True).raise_for_status()

    answer = classify(client, skip_reported=True).json()

    assert [one["taken"] for one in answer["series"]] == [False] * len(answer["series"])
    assert "has its report of this model" in [one["reason"] for one in answer["series"]]


@pytest.mark.parametrize(
    ("study", "status", "code"),
    [
        ("1.2.3.4", 404, "study-not-found"),
        ("..", 404, None),
        ("1..2", 422, "invalid-request"),
        ("1.2.x", 422, "invalid-request"),
        ("1" * 65, 422, "invalid-request"),
        ("1.2%2F..%2Fseries", 404, None),
    ],
)
def test_a_study_that_is_none_is_refused(client: httpx.Client, study: str, status: int, code: str | None) -> None:
    answer = classify(client, study)

    assert answer.status_code == status
    if code:
        assert answer.json()["type"] == f"/problems/{code}"


def test_an_unknown_parameter_is_refused(client: httpx.Client) -> None:
    assert classify(client, stor=True).status_code == 422


def test_more_images_than_are_allowed_are_not_begun(pacs: Orthanc, tmp_path: Path) -> None:
    with pulling_service(pacs, tmp_path, dicomweb_max_images=5) as (client, _):
        answer = classify(client)

    assert answer.status_code == 413
    assert "SERVICE_DICOMWEB_MAX_IMAGES" in answer.json()["detail"]


def test_an_image_with_too_many_bytes_is_counted_and_the_others_are_answered(pacs: Orthanc, tmp_path: Path) -> None:
    changes = {"max_bytes": max(map(len, FILES)) - 1, "audit_log": str(tmp_path / "audit")}
    with pulling_service(pacs, tmp_path, **changes) as (client, _):
        series = taken(classify(client).raise_for_status().json())

    assert series["summary"]["images"] == 6
    refused = series["summary"]["refusals"]["payload-too-large"]
    assert refused >= 1
    lines = [json.loads(line) for line in (tmp_path / "audit").read_text().splitlines()]
    assert [line["outcome"] for line in lines].count("payload-too-large") == refused


def test_the_report_is_stored_last_so_that_it_says_that_all_is_there(pacs: Orthanc, tmp_path: Path) -> None:
    stored: list[str] = []

    class Failing:
        def store(self, data: bytes) -> None:
            stored.append(dcmread(io.BytesIO(data)).Modality)
            if len(stored) == 3:
                raise PeerUnavailable("no connection")

    settings = Settings(**archive_settings(pacs, tmp_path), model_path=MODEL)
    options = StudyOptions(read_rules(None), 3, 100, 10**8, store=True)
    with ThreadPoolExecutor(1) as pool, open_archive(archive_options(settings)) as archive:
        failing = replace(archive, stow=Failing())  # type: ignore[arg-type]
        own = StudyClassification(failing, predictor(), options, Computing(pool.submit, 1), "r")
        with pytest.raises(ArchiveFailed, match="no connection"):
            own.classify(STUDY)

    assert stored == ["OT", "OT", "OT"]


def test_a_study_that_takes_too_long_is_given_up(pacs: Orthanc, tmp_path: Path) -> None:
    with pulling_service(pacs, tmp_path, batch_deadline_s=0.01) as (client, runtime):
        answer = classify(client)

        assert (answer.status_code, answer.json()["type"]) == (504, "/problems/deadline-exceeded")
        assert runtime.admission.occupied == 0


def test_an_archive_that_is_not_there_is_named(tmp_path: Path) -> None:
    with running_orthanc(tmp_path) as pacs, pulling_service(pacs, tmp_path) as (client, _):
        pacs.stop()
        answer = classify(client)

    assert (answer.status_code, answer.json()["type"]) == (502, "/problems/archive-failed")
    assert "127.0.0.1" not in answer.text


def test_a_wrong_password_is_said(pacs: Orthanc, tmp_path: Path) -> None:
    with pulling_service(pacs, tmp_path) as (client, _):
        (tmp_path / "archive-password").write_text("wrong")
        answer = classify(client)

    assert answer.status_code == 502
    assert "HTTP 401" in answer.json()["detail"]


def test_every_image_is_audited_and_no_uid_is_logged(pacs: Orthanc, tmp_path: Path) -> None:
    log = tmp_path / "audit"
    with pulling_service(pacs, tmp_path, audit_log=str(log)) as (client, _):
        classify(client).raise_for_status()
        classify(client, "1.2.3.4")
        metrics = client.get("/metrics").text

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    images = [line for line in lines if line["event"] == "image"]
    assert sorted(line["index"] for line in images) == list(range(6))
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["outcome"] for line in requests] == ["answered", "study-not-found"]
    assert {line["route"] for line in lines} == {"/studies/{study}/classify"}
    assert STUDY not in log.read_text() + metrics
    assert 'route="/studies/{study}/classify"' in metrics


def test_without_a_key_nothing_is_pulled(pacs: Orthanc, tmp_path: Path) -> None:
    key = write_keys(tmp_path / "keys", "viewer")["viewer"]
    with pulling_service(pacs, tmp_path, api_keys_file=tmp_path / "keys") as (client, _):
        assert classify(client).status_code == 401
        metrics = client.get("/metrics", headers={"X-API-Key": key}).text.splitlines()
        assert [line for line in metrics if 'route="/studies/{study}/classify"' in line and '="401"' in line]
        assert client.post(f"/studies/{STUDY}/classify?dry_run=true", headers={"X-API-Key": key}).status_code == 200


def test_frames_of_an_object_are_answered_one_by_one(pacs: Orthanc, tmp_path: Path) -> None:
    pixels = np.stack([brain_slice(seed=number, size=256) for number in range(5)])
    enhanced = scan(1, "enhanced", pixels, frames=5, SOPClassUID=EnhancedMRImageStorage)
    pacs.add(enhanced)

    with pulling_service(pacs, tmp_path, audit_log=str(tmp_path / "audit")) as (client, _):
        series = taken(classify(client, study_of(enhanced)).raise_for_status().json())

    assert (series["instances"], series["summary"]["images"]) == (1, 5)
    assert [image["frame"] for image in series["images"]] == list(range(5))
    lines = [json.loads(line) for line in (tmp_path / "audit").read_text().splitlines()]
    assert [line["index"] for line in lines if line["event"] == "image"] == list(range(5))


def test_the_route_is_not_there_without_an_archive() -> None:
    assert "/studies/{study}/classify" not in create_app(Settings()).openapi()["paths"]


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"dicomweb_url": "pacs.hospital"}, "SERVICE_DICOMWEB_URL"),
        ({"dicomweb_url": "http://a/b", "dicomweb_user": "x"}, "SERVICE_DICOMWEB_"),
        ({"dicomweb_url": "http://a/b", "dicomweb_key": "x.pem"}, "SERVICE_DICOMWEB_"),
        ({"dicomweb_url": "http://a/b", "dicomweb_selection": "no-such-file.toml"}, "no-such-file.toml"),
    ],
)
def test_settings_that_cannot_be_used_are_named(changes: dict[str, Any], variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        create_app(Settings(**changes))


@pytest.mark.parametrize("command", ["service", "service.dicomweb_worker", "service.dicom_node"])
def test_without_the_libraries_the_extra_is_named(command: str) -> None:
    hidden = "import sys, runpy; sys.modules['requests'] = sys.modules['pynetdicom'] = None; "
    code = hidden + f"sys.argv = [{command!r}]; runpy.run_module({command!r}, run_name='__main__', alter_sys=True)"
    environment = {**os.environ, "SERVICE_DICOMWEB_URL": "http://127.0.0.1:1/dicom-web", "SERVICE_PORT": "0"}

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)

    assert ended.returncode == 2
    assert "the extra `hospital`" in ended.stderr
    assert "Traceback" not in ended.stderr
