"""What a result takes over from the image that it is about, so that it lands in the same study of the same patient.

Attributes of type 2 that are missing become empty; nothing is invented. A value that its own VR does not allow becomes
empty too, since it would make the result invalid.
"""

from collections.abc import Sequence

from pydicom import Dataset, config
from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_VR
from pydicom.uid import UID
from pydicom.valuerep import validate_value

from service.errors import NotReportable

TYPE_2 = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
)
"""Of the patient and study modules, DICOM PS3.3 sections C.7.1.1 and C.7.2.1."""

WHERE_THERE = (
    *("IssuerOfPatientID", "OtherPatientIDs", "StudyDescription", "PatientAge", "PatientWeight"),
    *("PatientIdentityRemoved", "DeidentificationMethod", "LongitudinalTemporalInformationModified"),
)
SEQUENCES = (
    "IssuerOfAccessionNumberSequence",
    "IssuerOfPatientIDQualifiersSequence",
    "DeidentificationMethodCodeSequence",
)
IDENTITY = ("StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID")
_SEXES = ("M", "F", "O")
"""The only values there are (PS3.3 section C.7.1.1)."""
_METHODS = ("DeidentificationMethod", "DeidentificationMethodCodeSequence")
_UTF_8 = "ISO_IR 192"
_RANGED = ("DA", "TM")
"""Whose values may be ranges in queries, and must not in objects."""


def source_headers(headers: Sequence[Dataset]) -> list[Dataset]:
    """Return of each header what results take over, once for each object.

    Raises NotReportable where there is none, where one lacks its UIDs, or where they belong to several studies.
    """
    if not headers:
        raise NotReportable("A result for a PACS belongs to the study of its images, and no DICOM object was sent.")
    found = {str(header.get("SOPInstanceUID", "")): header for header in headers}
    taken = [_taken_over(header) for header in found.values()]
    if len({header.StudyInstanceUID for header in taken}) > 1:
        raise NotReportable("The images belong to several studies. Send the images of each study by themselves.")
    return taken


def identity_of(header: Dataset) -> dict[str, str]:
    """Return the UIDs by which results refer to an object, by keyword; raises NotReportable where one is not valid."""
    uids = {keyword: str(header.get(keyword, "")) for keyword in IDENTITY}
    for keyword, value in uids.items():
        if not (value and UID(value, config.IGNORE).is_valid):
            raise NotReportable(f"The object has no valid {keyword}, so that no result can refer to it.")
    return uids


def is_multi_frame(header: Dataset) -> bool:
    """Return whether references to the object name a frame: by its class, whatever number of frames it states."""
    name = UID(header.SOPClassUID).name
    return "Enhanced" in name or "Multi-frame" in name


def _taken_over(header: Dataset) -> Dataset:
    taken = Dataset()
    taken.SpecificCharacterSet = _character_set(header)
    for keyword, value in identity_of(header).items():
        setattr(taken, keyword, value)
    taken.Modality = text_of(header, "Modality") or "MR"
    for keyword in TYPE_2:
        setattr(taken, keyword, text_of(header, keyword))
    if taken.PatientSex not in _SEXES:
        taken.PatientSex = ""
    for keyword in WHERE_THERE:
        if value := text_of(header, keyword):
            setattr(taken, keyword, value)
    _sequences(header, taken)
    if taken.get("PatientIdentityRemoved") == "YES" and not any(keyword in taken for keyword in _METHODS):
        taken.DeidentificationMethod = "not stated by the source"  # one of the two is required (PS3.3 C.7.1.1)
    return taken


def _sequences(header: Dataset, taken: Dataset) -> None:
    for keyword in SEQUENCES:
        if isinstance(items := header.get(keyword), Sequence) and items:
            setattr(taken, keyword, items)


def text_of(header: Dataset, keyword: str) -> str:
    """Return a value as text, "" where it is missing or not allowed by its VR."""
    try:
        value = header.get(keyword)
        text: str = "" if value is None else "\\".join(map(str, value)) if isinstance(value, list) else str(value)
        vr = dictionary_VR(keyword)
        validate_value(vr, text, config.RAISE)
        if vr in _RANGED and "-" in text:
            return ""
    except Exception:  # pydicom raises anything for a value that it cannot convert
        return ""
    return text.strip()


def _character_set(header: Dataset) -> str | list[str]:
    """Return that of the source, or UTF-8 where pydicom does not know it: its texts are decoded by then."""
    stated = header.get("SpecificCharacterSet") or _UTF_8
    sets = [stated] if isinstance(stated, str) else [str(one) for one in stated]
    if not all(one in python_encoding for one in sets):
        return _UTF_8
    return sets[0] if len(sets) == 1 else sets
