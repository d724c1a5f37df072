"""Every code that results carry, each with the place where it was looked up.

What could not be confirmed in such a place is a local code of the scheme `99BMC`: a receiver can map it, and cannot
mistake it for something that it is not.
"""

from dataclasses import dataclass

from service.model_file import ModelClass

LOCAL_SCHEME = "99BMC"
LOCAL_NAME = "Local codes of the brain MRI classifier, research use only"

_PS3_16_D = "DICOM PS3.16 annex D"
_CID = "DICOM PS3.16 context group "
_LOCAL = "local"


@dataclass(frozen=True)
class Code:
    """A coded concept: scheme, value and meaning (DICOM PS3.3 section 8), and where it was looked up."""

    scheme: str
    value: str
    meaning: str
    source: str


BRAIN_MRI = Code("LN", "24590-2", "Brain MRI", _CID + "646")
FINDINGS = Code("LN", "59776-5", "Findings", _CID + "7001")
BRAIN = Code("SCT", "12738006", "Brain", _CID + "4030")
NEOPLASM = Code("SCT", "108369006", "Neoplasm", _CID + "7159")
PRESENT = Code("DCM", "121053", "Present", _PS3_16_D)
ABSENT = Code("DCM", "121054", "Absent", _PS3_16_D)
INDETERMINATE = Code("SCT", "82334004", "Indeterminate", _CID + "4220")
DEVICE = Code("DCM", "121007", "Device", _PS3_16_D)
COMMENT = Code("DCM", "121106", "Comment", _PS3_16_D)
PROCESSING_EQUIPMENT = Code("DCM", "109102", "Processing Equipment", _PS3_16_D)
UNITLESS = Code("UCUM", "1", "no units", "UCUM section 4.1; DICOM PS3.16 context group 82")

DECISION = Code(LOCAL_SCHEME, "decision", "Decision of the model", _LOCAL)
TUMOUR = Code(LOCAL_SCHEME, "tumour", "Tumour yes or no", _LOCAL)
TUMOUR_PROBABILITY = Code(LOCAL_SCHEME, "P-tumour", "Probability of a tumour", _LOCAL)
NOVELTY = Code(LOCAL_SCHEME, "novelty", "Distance from the training images", _LOCAL)
UNCERTAIN = Code(LOCAL_SCHEME, "uncertain", "Below the threshold of a decision", _LOCAL)
ANSWERED = Code(LOCAL_SCHEME, "answered", "Images answered", _LOCAL)
REFUSED = Code(LOCAL_SCHEME, "refused", "Images refused", _LOCAL)

TABLE = tuple(value for value in list(globals().values()) if isinstance(value, Code))


def class_code(one: ModelClass) -> Code:
    """Return the concept that the card gives a class, or a local code of its name."""
    if one.concept is None:
        return Code(LOCAL_SCHEME, one.name, one.name, "card")
    return Code(one.concept.scheme, one.concept.code, one.concept.meaning, "card")


def probability_code(one: ModelClass) -> Code:
    """Return the name of the measurement of a class."""
    return Code(LOCAL_SCHEME, f"P-{one.name}", f"Probability of {class_code(one).meaning}"[:64], _LOCAL)


def refusal_code(problem: str) -> Code:
    """Return the name of the count of images that were refused for the problem of that code."""
    return Code(LOCAL_SCHEME, f"refused-{problem}", f"Images refused: {problem}"[:64], _LOCAL)
