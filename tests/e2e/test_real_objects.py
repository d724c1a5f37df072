"""Every MR of the real objects, sent by DCMTK: it has a result, or was refused with a status of the statement."""

import csv
import re
import subprocess
from pathlib import Path

import httpx
import pytest
from pydicom import Dataset
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from tests.peers import need
from tests.service.dicom_node.archive import archive
from tests.service.dicom_node.test_command import node_process
from tests.service.reports.scans import MODEL
from tests.serving import wait_until

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "dicom"
PROPOSALS = {
    ImplicitVRLittleEndian: "-xi",
    ExplicitVRBigEndian: "-xb",
    RLELossless: "-xr",
    JPEGExtended12Bit: "-xx",
    JPEGLosslessSV1: "-xs",
    JPEGLSLossless: "-xt",
    JPEGLSNearLossless: "-xu",
    JPEG2000Lossless: "-xv",
    UID("1.2.840.10008.1.2.4.91"): "-xw",
}
IN_THE_STATEMENT = {
    "Error: CannotUnderstand": 0xC000,
    "Error: DataSetDoesNotMatchSOPClass": 0xA900,
    "not sent": None,  # DCMTK itself cannot read which object it is
}
"""What DCMTK calls the statuses that an object may be refused with."""


def objects() -> list[dict[str, str]]:
    if not (FOLDER / "catalog.csv").is_file():
        return []
    with (FOLDER / "catalog.csv").open(newline="") as table:
        return [row for row in csv.DictReader(table) if "MR Image Storage" in row["sop"]]


def sent(row: dict[str, str], port: int) -> str:
    """Return what `storescu` says of an object: the status of the response, or why there was none."""
    syntax = PROPOSALS.get(UID(row["tsuid"]), "-xe")
    command = ["storescu", "-v", "-R", syntax, "-aec", "BRAINMRI", "127.0.0.1", str(port), str(FOLDER / row["file"])]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60)
    said = ended.stdout + ended.stderr
    found = re.search(r"Received Store Response \((.+)\)", said)
    return found[1] if found else "not sent" if "missing SOP class" in said else said.strip().splitlines()[-1]


def referenced(reports: list[Dataset]) -> set[str]:
    evidence = [one.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence for one in reports]
    return {
        str(item.ReferencedSOPInstanceUID)
        for series in evidence
        for one in series
        for item in one.ReferencedSOPSequence
    }


@pytest.mark.skipif(not objects(), reason="the real objects are not beside the project")
def test_every_object_has_a_result_or_a_status_of_the_conformance_statement(tmp_path: Path) -> None:
    need("storescu")
    (tmp_path / "rules.toml").write_text("min_images = 1\n")
    rules = {"SERVICE_NODE_SELECTION": str(tmp_path / "rules.toml")}
    with archive() as pacs, node_process(tmp_path, pacs.port, MODEL, **rules) as node:
        answers = {row["file"]: sent(row, node["port"]) for row in objects()}
        taken = [name for name, answer in answers.items() if answer == "Success"]
        health = f"http://127.0.0.1:{node['http_port']}/health"
        kept = httpx.get(health).json()["spool"]
        wait_until(lambda: len(referenced(pacs.reports)) == kept["objects"], 120)

    assert len(taken) > 60
    refused = {name: answer for name, answer in answers.items() if answer != "Success"}
    readable = {row["file"] for row in objects() if not row["dec"].startswith("FAIL") and row["dec"] != "nopix"}
    assert set(refused) & readable == set()
    assert set(refused.values()) <= set(IN_THE_STATEMENT)
