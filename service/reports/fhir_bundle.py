"""A result as a FHIR R4 Bundle of type `collection`: a message to be stored or mapped, not a transaction of its own.

Identifiers and codes are those of the DICOM report; resources refer to each other by `urn:uuid`, made from the images
and the model, so that the same input gives the same Bundle but for its time.
"""

import uuid
from datetime import datetime
from typing import Any

from pydicom import Dataset

from service import DISCLAIMER
from service.classifier import UNCERTAIN as UNDECIDED
from service.reports import codes
from service.reports.codes import Code
from service.reports.source_header import source_headers
from service.reports.structured_report import in_words, most_suspicious
from service.reports.study_result import ImageResult, StudyResult
from service.reports.uids import result_uid
from service.schemas import Prediction

SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "LN": "http://loinc.org",
    "DCM": "http://dicom.nlm.nih.gov/resources/coding/DCM",
    "UCUM": "http://unitsofmeasure.org",
}
"""URIs of the code systems as FHIR R4 names them (terminologies-systems.html)."""

_LOCAL_SYSTEM = "urn:brain-mri-classifier:codes"
_MODEL_SYSTEM = "urn:brain-mri-classifier:model-sha256"
_UIDS = "urn:dicom:uid"
_CATEGORY = ("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology")
_OBSERVED = ("http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging")


def fhir_bundle(result: StudyResult, *, now: datetime) -> dict[str, Any]:
    """Return the Bundle: DiagnosticReport (preliminary), its Observations, the Device and, for DICOM, the ImagingStudy.

    The observations are those of the most suspicious image. Pictures that are no DICOM objects have neither study nor
    patient: their report names none. Raises NotReportable for images of several studies.
    """
    headers = source_headers(result.headers) if result.headers else []
    scope = result.scope or [image.prediction.image.sha256 for image in result.images if image.prediction]
    own = _Names(result.model.sha256, scope)
    subject = _subject(headers[0]) if headers else {}
    shown = _shown(result)
    observations = _observations(result, shown, own, subject, now) if shown else []
    report = {
        "resourceType": "DiagnosticReport",
        "status": "preliminary",
        "category": [_concept(*_CATEGORY)],
        "code": _coded(codes.BRAIN_MRI),
        "effectiveDateTime": _instant(now),
        "issued": _instant(now),
        "conclusion": in_words(result),
        "result": [{"reference": own.uri(entry["id"])} for entry in observations],
        **subject,
    }
    entries = [report | {"id": "report"}, *observations, _device(result)]
    if headers:
        report["imagingStudy"] = [{"reference": own.uri("study")}]
        entries[0] = report | {"id": "report"}
        entries.append(_study(headers, subject))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": _instant(now),
        "entry": [own.entry(resource) for resource in entries],
    }


class _Names:
    """Names of resources, made from what the result is about."""

    def __init__(self, model_sha256: str, scope: list[str]) -> None:
        self._base = uuid.uuid5(uuid.NAMESPACE_OID, result_uid("fhir", model_sha256, scope))

    def uri(self, name: str) -> str:
        return uuid.uuid5(self._base, name).urn

    def entry(self, resource: dict[str, Any]) -> dict[str, Any]:
        own = uuid.uuid5(self._base, resource["id"])
        return {"fullUrl": own.urn, "resource": resource | {"id": str(own)}}


def _shown(result: StudyResult) -> ImageResult | None:
    answered = [image for image in result.images if image.prediction is not None]
    return next(iter(most_suspicious(result)), None) or next(iter(answered), None)


def _observations(
    result: StudyResult, shown: ImageResult, own: _Names, subject: dict[str, Any], now: datetime
) -> list[dict[str, Any]]:
    prediction = shown.prediction
    assert prediction is not None
    common = {
        "resourceType": "Observation",
        "status": "preliminary",
        "category": [_concept(*_OBSERVED)],
        "effectiveDateTime": _instant(now),
        "device": {"reference": own.uri("device")},
        "note": [{"text": DISCLAIMER}],
        **subject,
    }
    shares = [(codes.probability_code(one), prediction.probabilities[one.name]) for one in result.card.classes]
    if prediction.tumor_probability is not None:
        shares.insert(0, (codes.TUMOUR_PROBABILITY, prediction.tumor_probability))
    measured = [
        common | {"id": code.value, "code": _coded(code), "valueQuantity": _quantity(share)} for code, share in shares
    ]
    decision = common | {
        "id": codes.DECISION.value,
        "code": _coded(codes.DECISION),
        "valueCodeableConcept": _coded(_decision(result, prediction)),
    }
    return [decision, *measured]


def _decision(result: StudyResult, prediction: Prediction) -> Code:
    if prediction.decision == UNDECIDED:
        return codes.UNCERTAIN
    return next(codes.class_code(one) for one in result.card.classes if one.name == prediction.decision)


def _quantity(share: float) -> dict[str, Any]:
    unit = codes.UNITLESS
    return {"value": round(share, 6), "unit": unit.meaning, "system": SYSTEMS[unit.scheme], "code": unit.value}


def _device(result: StudyResult) -> dict[str, Any]:
    model = result.model
    return {
        "resourceType": "Device",
        "id": "device",
        "identifier": [{"system": _MODEL_SYSTEM, "value": model.sha256}],
        "deviceName": [{"name": model.name, "type": "model-name"}],
        "version": [{"value": model.version}],
        "note": [{"text": DISCLAIMER}],
    }


def _study(headers: list[Dataset], subject: dict[str, Any]) -> dict[str, Any]:
    first = headers[0]
    series: dict[str, list[dict[str, Any]]] = {header.SeriesInstanceUID: [] for header in headers}
    for header in headers:
        series[header.SeriesInstanceUID].append(
            {
                "uid": header.SOPInstanceUID,
                "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{header.SOPClassUID}"},
            }
        )
    modality = {"system": SYSTEMS["DCM"], "code": first.Modality}
    return {
        "resourceType": "ImagingStudy",
        "id": "study",
        "status": "available",
        "identifier": [{"system": _UIDS, "value": f"urn:oid:{first.StudyInstanceUID}"}, *_accession(first)],
        "series": [{"uid": uid, "modality": modality, "instance": instances} for uid, instances in series.items()],
        **(subject or {"subject": {"display": "unknown"}}),
    }


def _accession(header: Dataset) -> list[dict[str, Any]]:
    if not header.AccessionNumber:
        return []
    kind = _concept("http://terminology.hl7.org/CodeSystem/v2-0203", "ACSN", "Accession ID")
    return [{"type": kind, "value": str(header.AccessionNumber)}]


def _subject(header: Dataset) -> dict[str, Any]:
    """Name the patient by the identifier of the source, nothing else."""
    if not header.PatientID:
        return {"subject": {"display": "unknown"}}
    identifier: dict[str, Any] = {"value": str(header.PatientID)}
    if issuer := header.get("IssuerOfPatientID"):
        identifier["assigner"] = {"display": str(issuer)}
    return {"subject": {"type": "Patient", "identifier": identifier}}


def _coded(code: Code) -> dict[str, Any]:
    return _concept(SYSTEMS.get(code.scheme, _LOCAL_SYSTEM), code.value, code.meaning)


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _instant(now: datetime) -> str:
    return now.astimezone().isoformat(timespec="seconds")
