"""No patient in logs, metrics, health or names of files, wherever the name may stand in what is received."""

from pathlib import Path

import httpx
from pydicom.uid import generate_uid

from tests.service.dicom_node.archive import archive
from tests.service.dicom_node.nodes import call, hang_up, image, send
from tests.service.dicom_node.test_command import node_process
from tests.serving import wait_until

SECRETS = ("Lovelace", "ADA-1815", "18151210")
IDENTITY = {
    "PatientName": "Lovelace^Ada",
    "PatientID": "ADA-1815",
    "PatientBirthDate": "18151210",
    "OtherPatientIDs": "ADA-1815",
    "StudyDescription": "MR of Lovelace",
    "SeriesDescription": "Lovelace, axial",
    "AccessionNumber": "ADA-1815",
    "StudyID": "ADA-1815",
    "InstitutionName": "Lovelace",
}
"""A name in every text of the header."""


def test_a_patient_is_named_in_the_results_and_nowhere_else(tmp_path: Path, model_path: Path) -> None:
    good, late = image(0, "patient", **IDENTITY), image(1, "patient", **IDENTITY)
    bad = [
        image(2, "patient", **IDENTITY)[:-900],
        image(3, "patient", **IDENTITY | {"StudyInstanceUID": "Lovelace"}),
        image(4, "localizer", **IDENTITY | {"ImageType": ["Lovelace", "LOCALIZER"]}),
        image(5, "left", **IDENTITY | {"Modality": "Lovelace", "SeriesInstanceUID": generate_uid()}),
    ]
    refusing = archive(status=lambda request: 0xA900 if request < 3 else 0)
    with refusing as pacs, node_process(tmp_path, pacs.port, model_path) as running:
        send(running["port"], [good, *bad], calling="Lovelace")
        hang_up(call(running["port"], called="ADA-1815", calling="Lovelace"))
        wait_until(lambda: len(pacs.reports) >= 1)
        send(running["port"], [late], calling="Lovelace")
        address = f"http://127.0.0.1:{running['http_port']}"
        told = httpx.get(f"{address}/metrics").text + httpx.get(f"{address}/health").text
        running["process"].terminate()
        running["process"].wait(30)
        told += running["log"].read_text()
    told += "\n".join(str(path) for path in (tmp_path / "spool").rglob("*"))
    told += "".join(path.read_text() for path in (tmp_path / "spool" / "dead").rglob("*.json"))

    assert str(pacs.reports[0].PatientName) == "Lovelace^Ada"
    assert [secret for secret in SECRETS if secret.lower() in told.lower()] == []
