"""FHIR and HL7, each checked by a validator that knows nothing of this project."""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hl7apy.validation import Validator

from service import DISCLAIMER
from service.errors import NotReportable
from service.reports.fhir_bundle import fhir_bundle
from service.reports.hl7_message import Hl7Options, oru_message
from service.reports.study_result import StudyResult
from tests.peers import need, peer_missing
from tests.service.reports.scans import result_of, scan

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
_CHECK = """
const { Fhir } = require("fhir");
const resource = JSON.parse(require("fs").readFileSync(0, "utf-8"));
console.log(JSON.stringify(new Fhir().validate(resource)));
"""


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return result_of([scan(number, IssuerOfPatientID="HOSPITAL") for number in (1, 2)])


def complaints(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the npm package `fhir` has to say against a resource."""
    need("node")
    modules = Path(os.environ.get("FHIR_CHECKER", Path.home() / ".cache" / "fhir-checker")) / "node_modules"
    if not (modules / "fhir").is_dir():
        peer_missing(f"the npm package fhir is not in {modules}; FHIR_CHECKER names the folder it is installed in")
    ended = subprocess.run(
        ["node", "-e", _CHECK], input=json.dumps(bundle), env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = json.loads(ended.stdout)
    return [one for one in said["messages"] if one["severity"] in ("error", "fatal")]


def resources(bundle: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in bundle["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def test_the_bundle_is_valid_and_every_reference_is_in_it(result: StudyResult) -> None:
    bundle = fhir_bundle(result, now=NOW)
    named = {entry["fullUrl"] for entry in bundle["entry"]}
    report = resources(bundle)["DiagnosticReport"][0]

    assert complaints(bundle) == []
    assert {one["reference"] for one in [*report["result"], *report["imagingStudy"]]} <= named
    assert report["status"] == "preliminary" and DISCLAIMER in report["conclusion"]
    assert report["subject"]["identifier"] == {"value": "PHANTOM-1", "assigner": {"display": "HOSPITAL"}}


def test_the_checker_finds_an_error_where_there_is_one(result: StudyResult) -> None:
    bundle = fhir_bundle(result, now=NOW)
    resources(bundle)["DiagnosticReport"][0]["status"] = "nearly done"

    assert complaints(bundle)


def test_the_bundle_says_what_the_json_says(result: StudyResult) -> None:
    found = resources(fhir_bundle(result, now=NOW))
    values = [one["valueQuantity"]["value"] for one in found["Observation"] if "valueQuantity" in one]
    said = max((one.prediction for one in result.images if one.prediction), key=lambda one: one.tumor_probability or 0)

    assert values == [round(share, 6) for share in (said.tumor_probability or 0, *said.probabilities.values())]
    assert found["Device"][0]["identifier"][0]["value"] == result.model.sha256


def test_the_same_input_gives_the_same_bundle(result: StudyResult) -> None:
    assert fhir_bundle(result, now=NOW) == fhir_bundle(result, now=NOW)


def test_a_picture_that_is_no_dicom_has_no_patient_and_no_study(result: StudyResult) -> None:
    from dataclasses import replace

    plain = replace(result, images=tuple(replace(one, source=None) for one in result.images))
    bundle = fhir_bundle(plain, now=NOW)

    assert complaints(bundle) == []
    assert "ImagingStudy" not in resources(bundle)
    assert "subject" not in resources(bundle)["DiagnosticReport"][0]
    with pytest.raises(NotReportable):
        oru_message(plain, Hl7Options(), now=NOW)


def test_the_message_is_valid_to_the_letter(result: StudyResult) -> None:
    text = oru_message(result, Hl7Options(), now=NOW).decode("utf-8")
    message = parse_message(text, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)

    assert Validator.validate(message)
    segments = [line.split("|") for line in text.split("\r") if line]
    order = next(fields for fields in segments if fields[0] == "OBR")
    assert (order[25], order[18]) == ("P", "A-1")
    assert any(fields[0] == "NTE" and DISCLAIMER in fields[3] for fields in segments)
    assert all(fields[11] == "P" for fields in segments if fields[0] == "OBX")


@pytest.mark.parametrize("odd", ["a|b", "a^b", "a&b", "a~b", "a\\b"])
def test_separators_in_values_stay_in_their_field(odd: str) -> None:
    text = oru_message(
        result_of([scan(1, AccessionNumber=odd[:16].replace("\\", "/"), PatientID=odd.replace("\\", "/"))]),
        Hl7Options(),
        now=NOW,
    ).decode()
    message = parse_message(text, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)

    assert Validator.validate(message)
    assert text.count("\rOBR|") == 1 and len(text.split("\rOBR|")[1].split("\r")[0].split("|")) == 25


def test_the_accession_stands_where_it_is_wanted(result: StudyResult) -> None:
    text = oru_message(result, Hl7Options(accession_field=20), now=NOW).decode()
    order = next(line for line in text.split("\r") if line.startswith("OBR")).split("|")

    assert (order[18], order[20]) == ("", "A-1")
