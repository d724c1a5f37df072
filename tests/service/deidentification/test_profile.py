"""Nothing of the patient is left in a result without identity, and it is still a valid object."""

import io
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, Sequence, dcmread

from service import DISCLAIMER
from service.deidentification import Pseudonyms, deidentified, without_burnt_in
from service.prediction import Task
from service.reports.study_result import ImageResult
from service.reports.written import written
from service.series import SeriesObject, answer_object, header_of, result_objects, series_result, with_pictures
from tests.dicom_validators import errors_of
from tests.peers import need
from tests.service.reports.scans import predictor, scan

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
KEY = b"k" * 32
PLANTED: dict[str, Any] = {
    "PatientName": "Müller^Käthe",
    "SpecificCharacterSet": "ISO_IR 100",
    "PatientID": "MRN-4711",
    "PatientBirthDate": "19440217",
    "PatientSex": "F",
    "PatientAge": "082Y",
    "PatientWeight": "61.7",
    "OtherPatientIDs": "OTHER-0815",
    "IssuerOfPatientID": "Issuing Hospital",
    "StudyDate": "20251224",
    "StudyTime": "183059",
    "StudyID": "STUDY-77",
    "AccessionNumber": "ACC-31415",
    "ReferringPhysicianName": "House^Gregory",
    "StudyDescription": "MR head of Mrs Mueller",
    "SeriesDescription": "T1 for Dr House",
    "InstitutionName": "Charite",
    "StationName": "SCANNER-3",
}


def _issuer() -> Sequence:
    item = Dataset()
    item.UniversalEntityID, item.UniversalEntityIDType = "1.3.6.1.4.1.99999.1", "ISO"
    return Sequence([item])


@cache
def files(study: str = "study", **changes: Any) -> tuple[bytes, ...]:
    planted = PLANTED | {"IssuerOfAccessionNumberSequence": _issuer(), "IssuerOfPatientIDQualifiersSequence": _issuer()}
    return tuple(scan(number, study, **{**planted, **changes}) for number in range(1, 4))


def made(study: str = "study", **changes: Any) -> list[Dataset]:
    """Return the report and the captures of a series, with the identity of the patient."""
    own = predictor()
    by_uid = {str(dcmread(io.BytesIO(data)).SOPInstanceUID): data for data in files(study, **changes)}
    answered = [SeriesObject(header_of(data, own.limits), answer_object(own, data, "r")) for data in by_uid.values()]

    def draw(image: ImageResult) -> bytes:
        assert image.source is not None
        return own.draw(Task(by_uid[str(image.source.SOPInstanceUID)], True, "r", image.frame))[1]

    result = without_burnt_in(with_pictures(series_result(own, answered), 2, draw))
    return [one.dataset for one in result_objects(result, now=NOW, captures=2)]


def bare(study: str = "study", key: bytes = KEY, **changes: Any) -> list[Dataset]:
    return [dcmread(io.BytesIO(written(deidentified(one, Pseudonyms(key))))) for one in made(study, **changes)]


def elements(dataset: Dataset) -> Iterator[Any]:
    """Yield every element, nested ones too."""
    for element in dataset:
        yield element
        for item in element.value if element.VR == "SQ" else ():
            yield from elements(item)


def secrets() -> set[str]:
    """Return every text of the sources that may tell who or when: what was planted, and every UID."""
    headers = [dcmread(io.BytesIO(data), stop_before_pixels=True) for data in files()]
    uids = {str(one.value) for header in headers for one in elements(header) if one.VR == "UI"}
    classes = {str(header.SOPClassUID) for header in headers}
    texts = {str(value) for name, value in PLANTED.items() if name not in ("SpecificCharacterSet", "PatientSex")}
    return (uids - classes) | texts | {"Käthe", "House", "1.3.6.1.4.1.99999.1", "20260506", "070809"}


def test_the_objects_are_full_of_what_must_go() -> None:
    """The control: without the profile the secrets are there."""
    data = b"".join(written(one) for one in made())

    for secret in ("Käthe", "MRN-4711", "19440217", "ACC-31415", "20251224", "House", "20260506"):
        assert secret.encode("latin-1") in data, secret


def test_no_secret_is_left_in_any_element_or_byte() -> None:
    for one in bare():
        data = written(one)
        for secret in secrets():
            assert secret.encode("latin-1") not in data, secret
            assert secret.encode() not in data, secret
        said = {str(element.value) for element in elements(one) if element.VR != "SQ"}
        assert not said & secrets()
        assert not [element for element in elements(one) if element.tag.is_private]
        assert one.PatientSex == one.PatientBirthDate == one.AccessionNumber == one.StudyDate == one.StudyID == ""


def test_what_the_model_said_is_kept() -> None:
    for before, after in zip(made(), bare(), strict=True):
        assert after.SeriesDescription == before.SeriesDescription
        assert DISCLAIMER[:20] in after.SeriesDescription
        assert after.DeviceSerialNumber == before.DeviceSerialNumber
    numbers = [
        [str(one.value) for one in elements(report) if one.keyword == "NumericValue"]
        for report in (made()[0], bare()[0])
    ]
    assert numbers[0] == numbers[1] != []


def test_it_says_what_was_done() -> None:
    for one in bare():
        assert one.PatientIdentityRemoved == "YES"
        assert [item.CodeValue for item in one.DeidentificationMethodCodeSequence] == [
            "113100",
            "113104",
            "113105",
            "113109",
        ]
        assert one.LongitudinalTemporalInformationModified == "REMOVED"
        assert one.file_meta.MediaStorageSOPInstanceUID == one.SOPInstanceUID


def test_pseudonyms_are_consistent_in_an_object_and_between_objects() -> None:
    report, *captures = bare()
    evidence = report.CurrentRequestedProcedureEvidenceSequence[0]
    referred = {
        str(item.ReferencedSOPInstanceUID)
        for series in evidence.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }

    assert evidence.StudyInstanceUID == report.StudyInstanceUID
    assert {one.StudyInstanceUID for one in captures} == {report.StudyInstanceUID}
    assert {str(one.SourceImageSequence[0].ReferencedSOPInstanceUID) for one in captures} <= referred
    assert {one.PatientID for one in captures} == {report.PatientID} == {str(report.PatientName)}
    assert report.PatientID.startswith("P-")


def test_the_same_patient_has_the_same_name_in_another_study_and_under_another_key_another() -> None:
    here, there = bare()[0], bare("other")[0]
    other_key, other_patient = bare(key=b"x" * 32)[0], bare(PatientID="MRN-4712")[0]

    assert here.PatientID == there.PatientID
    assert here.StudyInstanceUID != there.StudyInstanceUID
    assert bare()[0].SOPInstanceUID == here.SOPInstanceUID
    assert len({here.PatientID, other_key.PatientID, other_patient.PatientID}) == 3
    assert other_key.StudyInstanceUID != here.StudyInstanceUID
    assert bare(IssuerOfPatientID="Another Hospital")[0].PatientID != here.PatientID


def test_patients_without_an_id_are_not_one_patient() -> None:
    assert bare("one", PatientID="")[0].PatientID != bare("two", PatientID="")[0].PatientID


def test_a_source_that_has_text_burnt_in_gives_no_capture() -> None:
    assert len(bare()) == 3
    assert [one.Modality for one in bare(BurnedInAnnotation="YES")] == ["SR"]
    assert len(bare(BurnedInAnnotation="NO")) == 3


def test_nothing_is_claimed_of_pixels_that_nobody_has_looked_at() -> None:
    assert [one.get("BurnedInAnnotation") for one in made()[1:]] == ["YES", "YES"]
    assert [one for one in bare() if "BurnedInAnnotation" in one] == []


def test_what_the_source_says_of_its_own_deidentification_is_replaced() -> None:
    changes = {"PatientIdentityRemoved": "YES", "DeidentificationMethod": "by House^Gregory"}

    assert {one.DeidentificationMethod for one in bare(**changes)} == {
        "DICOM PS3.15 2026c Basic Profile; keyed pseudonyms"
    }


def test_the_original_is_left_as_it_is() -> None:
    one = made()[0]
    before = written(one)

    deidentified(one, Pseudonyms(KEY))

    assert written(one) == before


def test_validators_find_no_error_and_a_viewer_shows_the_finding(tmp_path: Path) -> None:
    need("dsr2html")
    paths = [tmp_path / f"{number}.dcm" for number in range(3)]
    for path, one in zip(paths, bare(), strict=True):
        path.write_bytes(written(one))
    assert errors_of(paths) == []
    page = subprocess.run(["dsr2html", "+Rt", str(paths[0])], capture_output=True, text=True, check=True).stdout
    for said in ("Neoplasm", "brain-tumor-mri", "3 of 3 images answered", DISCLAIMER):
        assert said in page, said


@pytest.mark.parametrize("keyword", ["PatientID", "PatientName", "StudyDate"])
def test_a_missing_attribute_is_no_obstacle(keyword: str) -> None:
    assert len(bare(**{keyword: ""})) == 3
