"""The objects that an answer can be sent as, by media type."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.errors import NotReportable
from service.reports.fhir_bundle import fhir_bundle
from service.reports.hl7_message import Hl7Options, oru_message
from service.reports.secondary_capture import secondary_captures
from service.reports.structured_report import structured_report
from service.reports.study_result import StudyResult
from service.reports.written import written

DICOM, FHIR, HL7 = "application/dicom", "application/fhir+json", "application/hl7-v2"
MEDIA_TYPES = (DICOM, FHIR, HL7)


@dataclass(frozen=True)
class Offer:
    """How one object is made; `drawn` says whether it shows the explained picture."""

    write: Callable[[StudyResult, datetime], bytes]
    drawn: bool = False


def offer(media_type: str, secondary_capture: bool, options: Hl7Options) -> Offer:
    """Return how the object of that media type is made; of DICOM there are two."""
    if media_type == DICOM:
        return Offer(_secondary_capture, drawn=True) if secondary_capture else Offer(_structured_report)
    if media_type == FHIR:
        return Offer(lambda result, now: json.dumps(fhir_bundle(result, now=now), ensure_ascii=False).encode())
    return Offer(lambda result, now: oru_message(result, options, now=now))


def _structured_report(result: StudyResult, now: datetime) -> bytes:
    return written(structured_report(result, now=now))


def _secondary_capture(result: StudyResult, now: datetime) -> bytes:
    captures = secondary_captures(result, now=now, most=1)
    if not captures:
        raise NotReportable("There is no answered DICOM image to be shown.")
    return written(captures[0])
