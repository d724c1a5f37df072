"""The round trip of a real MR series, by route and by DICOMweb, where the development data are beside the checkout."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread

from service import DISCLAIMER
from tests.dicom_validators import errors_of
from tests.e2e.test_round_trip import round_trip, save_results, send_series
from tests.orthanc import Orthanc
from tests.peers import need
from tests.service.studies.archives import pulling_service

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "dicom" / "brain-t1-volume-datalad"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the development data are not beside the checkout")


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An archive that the series was sent to, and that has its results."""
    with round_trip(tmp_path_factory.mktemp("real")) as (archive, _):
        send_series(archive, FOLDER)
        yield archive


def test_its_results_are_in_its_study_and_valid(pacs: Orthanc, tmp_path: Path) -> None:
    images = sorted(FOLDER.glob("*.dcm"))
    source = dcmread(images[0], stop_before_pixels=True)

    results = save_results(pacs, tmp_path)

    series = pacs.get(f"/dicom-web/studies/{source.StudyInstanceUID}/series", includefield="Modality")
    assert sorted(one["00080060"]["Value"][0] for one in series) == ["MR", "OT", "SR"]
    assert errors_of(results, images) == []


def test_a_viewer_shows_its_report(pacs: Orthanc, tmp_path: Path) -> None:
    need("dsr2html")
    report = save_results(pacs, tmp_path)[0]

    page = subprocess.run(["dsr2html", "+Rt", str(report)], capture_output=True, text=True, check=True).stdout

    images = len(list(FOLDER.glob("*.dcm")))
    for said in ("Neoplasm", f"of {images} images answered", "brain-tumor-mri", DISCLAIMER):
        assert said in page, said


def test_pulling_it_makes_the_same_objects(pacs: Orthanc, tmp_path: Path) -> None:
    made = {str(dcmread(path).SOPInstanceUID) for path in save_results(pacs, tmp_path)}
    study = dcmread(io.BytesIO(pacs.file(pacs.instances("SR")[0]))).StudyInstanceUID
    with pulling_service(pacs, tmp_path) as (client, _):
        answer = client.post(f"/studies/{study}/classify").raise_for_status().json()

    (series,) = [one for one in answer["series"] if one["taken"]]
    assert {one["sop_instance_uid"] for one in series["objects"]} == made
