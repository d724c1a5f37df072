"""The Basic Application Level Confidentiality Profile (DICOM PS3.15 table E.1-1) for the objects that are made here.

The table comes from dicom-anonymizer, whose own functions know the top level of a data set only and draw UIDs by
chance. Every attribute that it names is removed, emptied or replaced, nested ones too; what the objects hold because
this project wrote it stays under the options `_OPTIONS`.
"""

from copy import deepcopy
from functools import cache
from typing import Final

from dicomanonymizer.dicomfields_selector import dicom_anonymization_database_selector
from pydicom import DataElement, Dataset
from pydicom.uid import UID

from service.deidentification.pseudonyms import Pseudonyms

EDITION: Final = "2026c"
_OPTIONS = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113104", "Clean Structured Content Option"),
    ("113105", "Clean Descriptors Option"),
    ("113109", "Retain Device Identity Option"),
)
"""DICOM PS3.16 CID 7050: what was applied."""
_OWN = {
    "ContentSequence",
    "SeriesDescription",
    "DerivationDescription",
    "ContributionDescription",
    "DeviceSerialNumber",
}
"""Attributes of the table whose text is this project's: the structured content, the disclaimer, the model's sha256."""
_ISSUERS = {"IssuerOfAccessionNumberSequence", "IssuerOfPatientIDQualifiersSequence"}
"""They name institutions, and the table has not heard of them."""
_REMOVED = ("X_TAGS", "X_D_TAGS", "X_Z_D_TAGS")
_EMPTIED = ("Z_TAGS", "X_Z_TAGS")
_REPLACED = ("D_TAGS", "Z_D_TAGS")
_DUMMIES = {"DA": "19000101", "TM": "000000", "DT": "19000101000000"}
_DUMMY = "REMOVED"
_TEXTS = ("SH", "LO", "ST", "LT", "UT", "UC", "CS", "PN", "AE")


def deidentified(made: Dataset, pseudonyms: Pseudonyms) -> Dataset:
    """Return a copy of a report or a secondary capture without identity, under UIDs that stand for those it had."""
    copy = deepcopy(made)
    patient = pseudonyms.patient(str(copy.get("IssuerOfPatientID", "")), _patient_id(copy))
    _clean(copy, pseudonyms)
    copy.PatientID = copy.PatientName = patient
    _state(copy)
    copy.file_meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
    return copy


def _patient_id(made: Dataset) -> str:
    """Return what tells the patient from others: without an id no two studies are known to be of one patient."""
    return str(made.PatientID or made.StudyInstanceUID)


def _clean(dataset: Dataset, pseudonyms: Pseudonyms) -> None:
    for element in list(dataset):
        if element.tag.is_private or element.keyword in _ISSUERS or _is_among(element, _REMOVED):
            _remove(dataset, element)
        elif _is_among(element, _EMPTIED):
            element.clear()
        elif _is_among(element, _REPLACED):
            element.value = _dummy(element)
        elif element.VR == "SQ":
            for item in element.value:
                _clean(item, pseudonyms)
        elif element.VR == "UI":
            element.value = _replaced(element, pseudonyms)


def _remove(dataset: Dataset, element: DataElement) -> None:
    """Remove an element; a sequence of type 2 without items stays, for its module wants it and it tells nothing."""
    if element.VR != "SQ" or element.value:
        del dataset[element.tag]


def _dummy(element: DataElement) -> str | None:
    return _DUMMY if element.VR in _TEXTS else _DUMMIES.get(element.VR)


def _replaced(element: DataElement, pseudonyms: Pseudonyms) -> str | list[str]:
    """Return UIDs that stand for those of an element; those of the standard, such as classes, name no instance."""
    values = [element.value] if element.VM == 1 else list(element.value or ())
    made = [str(value) if UID(value).name != value else pseudonyms.uid(str(value)) for value in values]
    return made[0] if len(made) == 1 else made


def _state(dataset: Dataset) -> None:
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = f"DICOM PS3.15 {EDITION} Basic Profile; keyed pseudonyms"
    dataset.DeidentificationMethodCodeSequence = [_code(value, meaning) for value, meaning in _OPTIONS]
    dataset.LongitudinalTemporalInformationModified = "REMOVED"
    if "BurnedInAnnotation" in dataset:  # it is about identifying text (PS3.3 section C.7.6.1): ours is none
        del dataset.BurnedInAnnotation  # and whether the scan itself has some nobody knows


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _is_among(element: DataElement, categories: tuple[str, ...]) -> bool:
    tag = (element.tag.group, element.tag.element)
    return element.keyword not in _OWN and any(tag in _table()[category] for category in categories)


@cache
def _table() -> dict[str, frozenset[tuple[int, ...]]]:
    """Return the tags of each category of the table; its ranges of curves and overlays occur in no object made here."""
    table = dicom_anonymization_database_selector(f"dicomfields_{EDITION}")
    return {category: frozenset(tags) for category, tags in table.items()}
