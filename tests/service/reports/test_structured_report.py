"""The structured report and the secondary capture, checked by programs that know nothing of this project."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from service import DISCLAIMER
from service.errors import NotReportable
from service.imaging import Limits
from service.reports.file_header import read_header
from service.reports.secondary_capture import secondary_captures
from service.reports.structured_report import structured_report
from service.reports.study_result import StudyResult
from tests.dicom_validators import errors_of
from tests.peers import need
from tests.service.reports.scans import result_of, scan

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
FILES = [scan(number) for number in range(1, 5)]
BLANK = scan(9, pixels=np.zeros((256, 256), np.uint8))


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return result_of([*FILES, BLANK], whole_series=True)


def write(folder: Path, name: str, made: Dataset) -> Path:
    path = folder / f"{name}.dcm"
    made.save_as(path, enforce_file_format=True)
    return path


def test_the_report_and_the_captures_are_valid_and_belong_to_the_study(result: StudyResult, tmp_path: Path) -> None:
    made = [structured_report(result, now=NOW), *secondary_captures(result, now=NOW)]
    paths = [write(tmp_path, str(number), one) for number, one in enumerate(made)]
    for number, data in enumerate(FILES):
        (tmp_path / f"source-{number}.dcm").write_bytes(data)

    assert len(made) == 4
    assert errors_of(paths, sorted(tmp_path.glob("source-*.dcm"))) == []


def test_a_viewer_shows_finding_probabilities_model_and_disclaimer(result: StudyResult, tmp_path: Path) -> None:
    need("dsr2html")
    path = write(tmp_path, "report", structured_report(result, now=NOW))

    page = subprocess.run(["dsr2html", "+Rt", str(path)], capture_output=True, text=True, check=True).stdout

    for said in (
        "Neoplasm",
        "Most suspicious image: ",
        "meningioma 99",
        result.model.sha256,
        DISCLAIMER,
    ):
        assert said in page, said
    assert result.model.name in page and "4 of 5 images answered, 1 refused" in page


def test_the_state_of_the_report_is_preliminary_and_unverified(result: StudyResult) -> None:
    report = structured_report(result, now=NOW)

    assert (report.PreliminaryFlag, report.VerificationFlag) == ("PRELIMINARY", "UNVERIFIED")
    assert "Research use only" in report.SeriesDescription
    references = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert len(references) == 5


def test_the_same_images_and_model_give_the_same_object(result: StudyResult) -> None:
    first, second = (structured_report(result_of(FILES), now=NOW) for _ in range(2))
    other = structured_report(result_of(FILES[:2]), now=NOW)

    assert first == second
    assert other.SOPInstanceUID != first.SOPInstanceUID and other.SeriesInstanceUID == first.SeriesInstanceUID


def test_a_whole_series_keeps_its_report_when_an_image_comes_late() -> None:
    early, late = (structured_report(result_of(files, True), now=NOW) for files in (FILES[:2], FILES))

    assert early.SOPInstanceUID == late.SOPInstanceUID


def test_the_capture_is_the_explained_picture_of_the_most_suspicious_image(result: StudyResult) -> None:
    captures = secondary_captures(result, now=NOW, most=2)
    scores = sorted((one.prediction.tumor_probability or 0 for one in result.images if one.prediction), reverse=True)
    shown = {one.source.SOPInstanceUID: one.prediction for one in result.images if one.source and one.prediction}

    named = [shown[one.SourceImageSequence[0].ReferencedSOPInstanceUID] for one in captures]
    assert [one.tumor_probability for one in named] == scores[:2]
    assert all(one.BurnedInAnnotation == "YES" and one.PhotometricInterpretation == "RGB" for one in captures)


@pytest.mark.parametrize(
    ("character_set", "name"),
    [("ISO_IR 100", "Müller^Jörg"), ("ISO_IR 192", "山田^太郎"), ("ISO_IR 126", "Δήμητρα^Λίλη")],
)
def test_names_survive_in_their_character_set(character_set: str, name: str, tmp_path: Path) -> None:
    data = scan(1, SpecificCharacterSet=character_set, PatientName=name)
    path = write(tmp_path, "report", structured_report(result_of([data]), now=NOW))

    read = dcmread(path)
    assert str(read.PatientName) == name and read.SpecificCharacterSet == character_set
    assert errors_of([path]) == []


@pytest.mark.parametrize(
    "missing",
    [
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "AccessionNumber",
    ],
)
def test_what_is_missing_is_empty_and_never_invented(missing: str, tmp_path: Path) -> None:
    result = result_of([scan(1, **{missing: None})])

    for made in (structured_report(result, now=NOW), *secondary_captures(result, now=NOW)):
        path = write(tmp_path, "made", made)
        assert not made[missing].value
        assert errors_of([path]) == []


@pytest.mark.parametrize("name", ["Doe", "Jane_Doe", "Doe, Jane"])
def test_no_warning_repeats_a_name_that_is_unlikely_to_be_one(name: str, tmp_path: Path) -> None:
    result = result_of([scan(1, PatientName=name, ReferringPhysicianName=name)])

    for made in (structured_report(result, now=NOW), *secondary_captures(result, now=NOW)):
        assert str(made.PatientName) == str(made.ReferringPhysicianName) == name


def test_identity_and_deidentification_of_the_source_stay(tmp_path: Path) -> None:
    data = scan(
        1, IssuerOfPatientID="HOSPITAL", PatientIdentityRemoved="YES", DeidentificationMethod="by hand", PatientID="X"
    )

    for made in (structured_report(result_of([data]), now=NOW), *secondary_captures(result_of([data]), now=NOW)):
        assert (made.IssuerOfPatientID, made.PatientIdentityRemoved, made.DeidentificationMethod, made.PatientID) == (
            *("HOSPITAL", "YES", "by hand", "X"),
        )


@pytest.mark.parametrize(
    "odd",
    [
        {"StudyDate": "not a date"},
        {"PatientID": "x" * 5000},
        {"StudyTime": "99:99"},
        {"PatientSex": "unknown to the standard"},
        {"SpecificCharacterSet": "nonsense"},
        {"StudyDescription": "y" * 3000},
        {"PatientBirthDate": "19700101-20000101"},
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_odd_values_of_the_source_make_no_invalid_result(odd: dict[str, str], tmp_path: Path) -> None:
    result = result_of([scan_with_odd(odd)])

    for made in (structured_report(result, now=NOW), *secondary_captures(result, now=NOW)):
        assert errors_of([write(tmp_path, "made", made)]) == []


def scan_with_odd(values: dict[str, str]) -> bytes:
    from pydicom import config

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config.settings, "_writing_validation_mode", config.IGNORE)
        patch.setattr(config.settings, "reading_validation_mode", config.IGNORE)
        return scan(1, **values)


@pytest.mark.parametrize("absent", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"])
def test_an_object_without_its_uids_cannot_be_reported(absent: str) -> None:
    with pytest.raises(NotReportable, match=absent):
        structured_report(result_of([scan(1, **{absent: None})]), now=NOW)


def test_a_private_class_of_objects_cannot_be_reported() -> None:
    with pytest.raises(NotReportable, match="not known"):
        structured_report(result_of([scan(1, SOPClassUID="1.2.3.4.5")]), now=NOW)


def test_images_of_two_studies_have_no_common_report() -> None:
    with pytest.raises(NotReportable, match="several studies"):
        structured_report(result_of([scan(1), scan(2, study="another")]), now=NOW)


def test_the_checker_finds_an_error_where_there_is_one(result: StudyResult, tmp_path: Path) -> None:
    report = structured_report(result, now=NOW)
    del report.CompletionFlag

    assert errors_of([write(tmp_path, "broken", report)])


def test_real_series_are_reported(tmp_path: Path) -> None:
    data = Path(__file__).parents[4] / "shared" / "data" / "dicom"
    if not data.is_dir() or shutil.which("dciodvfy") is None:
        pytest.skip("no real data beside the project")
    reported = 0
    for path in sorted(data.rglob("*.dcm")):
        data = path.read_bytes()
        try:
            read_header(data, Limits())
            result = result_of([data])
            made = [structured_report(result, now=NOW), *secondary_captures(result, now=NOW)]
        except NotReportable:
            continue
        for one in made:
            found = errors_of([write(tmp_path, "made", one)])
            assert [line for line in found if "Illegal root for UID" not in line] == [], path  # those of the source
        reported += 1
    assert reported
