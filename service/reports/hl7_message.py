"""A result as an HL7 v2.5.1 message ORU^R01 (chapter 7), preliminary.

A message of a dozen fixed segments needs no library: what is needed is the escaping of section 2.7, which is below.
"""

import textwrap
from dataclasses import dataclass
from datetime import datetime

from pydicom import Dataset

from service import DISCLAIMER
from service.classifier import UNCERTAIN as UNDECIDED
from service.reports import codes
from service.reports.codes import Code
from service.reports.source_header import source_headers
from service.reports.structured_report import in_words, most_suspicious
from service.reports.study_result import StudyResult
from service.reports.uids import result_uid

_ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": " ", "\n": " "})
_SCHEMES = {"SCT": "SCT", "LN": "LN", "DCM": "DCM"}
_SENDER = "BRAIN-MRI-CLASSIFIER"
_LINE = 150
"""Characters of a line of text: a TX field holds 199 once they are escaped."""
_CHARACTER_SET = "UNICODE UTF-8"


@dataclass(frozen=True)
class Hl7Options:
    """Who sends to whom, and in which field of OBR the accession number stands, 18 (placer) or 20 (filler)."""

    facility: str = ""
    receiver: str = ""
    accession_field: int = 18


def oru_message(result: StudyResult, options: Hl7Options, *, now: datetime) -> bytes:
    """Return the message in UTF-8, its segments ended by carriage returns.

    OBR-25 is `P`, preliminary. Raises NotReportable for images without a study, or of several.
    """
    header = source_headers(result.headers)[0]
    time = now.strftime("%Y%m%d%H%M%S")
    control = result_uid("hl7", result.model.sha256, [*result.scope, time])[-20:]
    parties = (_SENDER, _text(options.facility), _text(options.receiver), "")
    segments = [
        ["MSH", "^~\\&", *parties, time, "", "ORU^R01^ORU_R01", control, "T", "2.5.1", *[""] * 5, _CHARACTER_SET],
        _patient(header),
        _order(header, options, time),
        *_observations(result),
        ["NTE", "1", "L", _text(DISCLAIMER)],
    ]
    return "".join("|".join(segment) + "\r" for segment in segments).encode("utf-8")


def _patient(header: Dataset) -> list[str]:
    """Return PID: identifier with its issuer, name, birth date and sex, each as the image has it."""
    name = "^".join(_text(part) for part in str(header.PatientName).split("=")[0].split("^")[:3])
    identifier = f"{_text(header.PatientID)}^^^{_text(header.get('IssuerOfPatientID', ''))}"
    sex = {"M": "M", "F": "F", "O": "O"}.get(str(header.PatientSex), "U")
    return ["PID", "1", "", identifier.rstrip("^"), "", name, "", str(header.PatientBirthDate), sex]


def _order(header: Dataset, options: Hl7Options, time: str) -> list[str]:
    accession = _text(header.AccessionNumber)
    fields = {
        1: "1",
        3: accession,
        4: _coded(codes.BRAIN_MRI),
        7: f"{header.StudyDate}" or time,
        22: time,
        24: "RAD",
        25: "P",
    }
    fields[options.accession_field] = accession
    return ["OBR", *(fields.get(number, "") for number in range(1, 26))]


def _observations(result: StudyResult) -> list[list[str]]:
    shown = next(iter(most_suspicious(result)), None)
    rows = [["TX", _coded(codes.FINDINGS), _text(line), ""] for line in textwrap.wrap(in_words(result), _LINE)]
    if shown is not None and shown.prediction is not None:
        said = shown.prediction
        named = {one.name: codes.class_code(one) for one in result.card.classes}
        decided = codes.UNCERTAIN if said.decision == UNDECIDED else named[said.decision]
        rows.append(["CWE", _coded(codes.DECISION), _coded(decided), ""])
        shares = [(codes.probability_code(one), said.probabilities[one.name]) for one in result.card.classes]
        if said.tumor_probability is not None:
            shares.insert(0, (codes.TUMOUR_PROBABILITY, said.tumor_probability))
        rows += [["NM", _coded(code), f"{share:.6f}", "1^no units^UCUM"] for code, share in shares]
    return [
        ["OBX", str(number), kind, name, "", value, unit, "", "", "", "", "P"]
        for number, (kind, name, value, unit) in enumerate(rows, start=1)
    ]


def _coded(code: Code) -> str:
    return "^".join(_text(part) for part in (code.value, code.meaning, _SCHEMES.get(code.scheme, code.scheme)))


def _text(value: object) -> str:
    """Escape the separators (section 2.7.4); line ends become blanks."""
    return str(value).translate(_ESCAPES)
