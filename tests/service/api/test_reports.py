"""`POST /predict` answered as the objects of hospital systems."""

import io
import json
from collections.abc import Iterator

import httpx
import pytest
from pydicom import dcmread
from pydicom.uid import Comprehensive3DSRStorage, DeflatedExplicitVRLittleEndian, SecondaryCaptureImageStorage

from service import DISCLAIMER
from tests.pictures import good_png
from tests.service.reports.scans import MODEL, scan
from tests.serving import serve, settings_for

SCAN = scan(2)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serve(settings_for(MODEL, novelty_policy="warn", hl7_receiver="RIS")) as (client, _):
        yield client


def ask(client: httpx.Client, accept: str, data: bytes = SCAN, **query: str) -> httpx.Response:
    headers = {"Accept": accept, "Content-Type": "application/dicom"}
    return client.post("/predict", content=data, headers=headers, params=query)


@pytest.mark.parametrize(
    ("query", "sop_class"),
    [({}, Comprehensive3DSRStorage), ({"result": "secondary-capture"}, SecondaryCaptureImageStorage)],
)
def test_dicom_is_answered_in_the_study_of_the_image(
    client: httpx.Client, query: dict[str, str], sop_class: str
) -> None:
    answer = ask(client, "application/dicom", **query)
    made, sent = dcmread(io.BytesIO(answer.content)), dcmread(io.BytesIO(SCAN))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/dicom")
    assert made.SOPClassUID == sop_class
    assert (made.StudyInstanceUID, made.PatientID, made.AccessionNumber) == (
        *(sent.StudyInstanceUID, sent.PatientID, sent.AccessionNumber),
    )
    assert "Accept" in answer.headers["vary"]


def test_fhir_and_json_say_the_same(client: httpx.Client) -> None:
    bundle = ask(client, "application/fhir+json").json()
    said = ask(client, "application/json").json()
    report = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "DiagnosticReport")
    shares = [
        one["resource"]["valueQuantity"]["value"] for one in bundle["entry"] if "valueQuantity" in one["resource"]
    ]

    assert DISCLAIMER in report["conclusion"]
    assert shares == [round(share, 6) for share in (said["tumor_probability"], *said["probabilities"].values())]


def test_hl7_goes_to_the_receiver_that_is_set(client: httpx.Client) -> None:
    answer = ask(client, "application/hl7-v2")

    assert answer.status_code == 200 and answer.content.startswith(b"MSH|^~\\&|BRAIN-MRI-CLASSIFIER||RIS|")


@pytest.mark.parametrize("accept", ["application/dicom", "application/hl7-v2"])
def test_a_picture_belongs_to_no_study(client: httpx.Client, accept: str) -> None:
    answer = ask(client, accept, good_png())

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-reportable")


def test_a_picture_gets_a_bundle_without_a_patient(client: httpx.Client) -> None:
    bundle = ask(client, "application/fhir+json", good_png()).json()

    assert {one["resource"]["resourceType"] for one in bundle["entry"]} == {"DiagnosticReport", "Observation", "Device"}


def test_a_deflated_object_is_refused_with_the_remedy(client: httpx.Client) -> None:
    answer = ask(client, "application/dicom", scan(2, syntax=DeflatedExplicitVRLittleEndian))

    assert answer.status_code == 422 and "without compression" in answer.json()["detail"]


def test_what_is_refused_is_refused_in_words(client: httpx.Client) -> None:
    answer = ask(client, "application/dicom", SCAN[:900])

    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"


def test_the_types_on_offer_are_named(client: httpx.Client) -> None:
    answer = ask(client, "text/csv")

    assert answer.status_code == 406
    for offered in ("application/dicom", "application/fhir+json", "application/hl7-v2"):
        assert offered in answer.json()["detail"]


def test_no_patient_is_named_in_problem_or_metrics(client: httpx.Client) -> None:
    name = "Searched^For"
    said = [ask(client, "application/dicom", scan(2, StudyInstanceUID=None, PatientName=name)).text]
    said.append(json.dumps(client.get("/metrics").text))

    assert "not-reportable" in said[0] and not any("Searched" in text for text in said)
