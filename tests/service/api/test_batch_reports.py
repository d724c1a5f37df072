"""`POST /predict/batch` answered as the objects of hospital systems."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import Comprehensive3DSRStorage, EnhancedMRImageStorage, SecondaryCaptureImageStorage

from tests.dicom_validators import errors_of
from tests.pictures import good_png
from tests.service.reports.scans import MODEL, scan
from tests.serving import serve, settings_for

FILES = [scan(number) for number in range(1, 5)]
BLANK = scan(9, pixels=np.zeros((256, 256), np.uint8))


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serve(settings_for(MODEL, novelty_policy="warn", max_batch_images=12)) as (client, _):
        yield client


def ask(client: httpx.Client, accept: str, files: list[bytes], **query: str) -> httpx.Response:
    parts = [("files", (f"{number}", data)) for number, data in enumerate(files)]
    return client.post("/predict/batch", files=parts, headers={"Accept": accept}, params=query)


def zipped(files: list[bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(files):
            archive.writestr(f"{number}.dcm", data)
    return made.getvalue()


def report_of(answer: httpx.Response) -> Dataset:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/dicom"), answer.text[:300]
    return dcmread(io.BytesIO(answer.content))


def evidence(report: Dataset) -> set[str]:
    series = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    return {str(item.ReferencedSOPInstanceUID) for one in series for item in one.ReferencedSOPSequence}


def words(report: Dataset) -> str:
    texts = [str(report.get("TextValue", ""))]
    return " ".join([*texts, *(words(item) for item in report.get("ContentSequence", ()))])


def test_one_report_stands_for_all_images_and_says_the_numbers_of_the_json(client: httpx.Client) -> None:
    report = report_of(ask(client, "application/dicom", [*FILES, BLANK]))
    summary = ask(client, "application/json", [*FILES, BLANK]).json()["summary"]

    assert report.SOPClassUID == Comprehensive3DSRStorage
    assert evidence(report) == {str(dcmread(io.BytesIO(data)).SOPInstanceUID) for data in [*FILES, BLANK]}
    assert "4 of 5 images answered, 1 refused" in words(report)
    assert str(round(summary["tumor_probability"]["maximum"], 6)) in numbers(report)


def numbers(report: Dataset) -> set[str]:
    found = {str(float(one.NumericValue)) for one in report.get("MeasuredValueSequence", ())}
    return found.union(*(numbers(item) for item in report.get("ContentSequence", ())))


def test_a_zip_and_its_files_give_the_same_report(client: httpx.Client) -> None:
    of_files = report_of(ask(client, "application/dicom", FILES))
    of_zip = report_of(ask(client, "application/dicom", [zipped(FILES)]))

    assert of_zip.SOPInstanceUID == of_files.SOPInstanceUID
    assert words(of_zip) == words(of_files)


def test_files_keep_their_places_around_a_zip_that_was_refused_for_its_number(client: httpx.Client) -> None:
    """Nine images are left for the ZIP of ten, which is one result then, and the file behind it is the next."""
    many = zipped([scan(number, "study") for number in range(20, 30)])
    report = report_of(ask(client, "application/dicom", [*FILES[:3], many, FILES[3]]))

    assert evidence(report) == {str(dcmread(io.BytesIO(data)).SOPInstanceUID) for data in FILES}
    assert "4 of 5 images answered, 1 refused" in words(report)


def test_the_capture_is_that_of_the_most_suspicious_image(client: httpx.Client) -> None:
    capture = report_of(ask(client, "application/dicom", [zipped(FILES)], result="secondary-capture"))
    suspicious = ask(client, "application/json", FILES).json()["summary"]["most_suspicious"][0]

    source = capture.SourceImageSequence[0].ReferencedSOPInstanceUID
    assert capture.SOPClassUID == SecondaryCaptureImageStorage
    assert source == dcmread(io.BytesIO(FILES[suspicious["file"]])).SOPInstanceUID


def test_frames_of_an_object_are_named_in_its_report(client: httpx.Client) -> None:
    pixels = np.stack([np.asarray(dcmread(io.BytesIO(data)).pixel_array) for data in FILES])
    enhanced = scan(1, "study", pixels, frames=4, SOPClassUID=EnhancedMRImageStorage)

    report = report_of(ask(client, "application/dicom", [enhanced]))

    assert "4 of 4 images answered" in words(report)
    assert len(evidence(report)) == 1


def test_fhir_and_hl7_stand_for_all_images_too(client: httpx.Client) -> None:
    bundle = ask(client, "application/fhir+json", FILES).json()
    message = ask(client, "application/hl7-v2", FILES).content.decode()

    study = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "ImagingStudy")
    assert sum(len(series["instance"]) for series in study["series"]) == 4
    assert "most suspicious image" in message.lower() and "4 of 4" in message


@pytest.mark.parametrize("accept", ["application/dicom", "application/hl7-v2"])
@pytest.mark.parametrize(
    "files",
    [[good_png()], [FILES[0], scan(1, "another study")], [b"nothing of the kind"]],
    ids=["no DICOM", "two studies", "no image"],
)
def test_what_belongs_to_no_study_or_to_several_cannot_be_reported(
    client: httpx.Client, accept: str, files: list[bytes]
) -> None:
    answer = ask(client, accept, files)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-reportable")


def test_validators_accept_the_report_beside_its_images(client: httpx.Client, tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(ask(client, "application/dicom", [*FILES, BLANK]).content)
    for number, data in enumerate([*FILES, BLANK]):
        (tmp_path / f"{number}.dcm").write_bytes(data)

    assert errors_of([path], sorted(tmp_path.glob("[0-9].dcm"))) == []
