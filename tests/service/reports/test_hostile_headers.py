"""Whatever stands in a header that can be classified, the answer is an object or a problem."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from service.errors import NotReportable, ProblemError
from service.prediction import Task
from service.reports.hl7_message import Hl7Options
from service.reports.offers import DICOM, FHIR, HL7, offer
from service.reports.single_image import result_of_image
from tests.service.reports.scans import predictor, scan

EDGE = 256
NAMED = scan(
    *(2, "hostile"),
    ReferringPhysicianName="Refer^Ring",
    IssuerOfPatientID="HOSPITAL",
    PatientAge="030Y",
    PatientWeight="70",
    OtherPatientIDs=["1", "2"],
    SpecificCharacterSet="ISO_IR 100",
)
ODD = (b"\x1b$B", b"\xff\xff\xff", b"\\\\\\", b"^^^=^==", b"-1", b"1A", b"\0\0", b"SQ", b"UN", b"PN")
OFFERS = [offer(DICOM, capture, Hl7Options()) for capture in (False, True)] + [
    offer(kind, False, Hl7Options()) for kind in (FHIR, HL7)
]


def mutated(data: bytes, seed: int) -> bytes:
    """Return a file with a few bytes of its header changed; the pixels stay."""
    rng, changed = random.Random(seed), bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        place = rng.randrange(132, len(data) - EDGE * EDGE)
        new = rng.choice(ODD) if rng.random() < 0.5 else rng.randbytes(rng.randrange(1, 4))
        changed[place : place + len(new)] = new
    return bytes(changed)


@pytest.mark.filterwarnings("ignore")
def test_every_mutated_header_is_reported_or_refused() -> None:
    own, outcomes = predictor(), Counter[str]()
    drawn = own.draw(Task(NAMED, True, "request", 0))
    for seed in range(150):
        data = mutated(NAMED, seed)
        try:
            own.open(data)
        except ProblemError:
            outcomes["refused before"] += 1
            continue
        for one in OFFERS:
            try:
                one.write(result_of_image(own, Task(data, True, "request", 0), *drawn), datetime.now(UTC))
                outcomes["reported"] += 1
            except NotReportable:
                outcomes["refused"] += 1

    assert outcomes["reported"] > 50 and outcomes["refused"] > 5
