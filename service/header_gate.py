"""What a DICOM header says against an image being a diagnostic slice of a brain MRI.

Only coded values are looked at, and only those of the tables below are repeated: nothing that a stranger wrote into a
header by hand leaves it.
"""

from service.header_terms import (
    IMAGE_TYPES,
    MODALITIES,
    OTHER_PARTS,
    OTHER_REGIONS,
    OTHER_SOP_CLASSES,
    compact,
)
from service.imaging import DicomFacts

_MRI = "MR"


def objection(facts: DicomFacts) -> str | None:
    """Return why the image is no diagnostic slice of a brain MRI, naming the element; None where nothing says so.

    Absent elements and values that are not in the tables pass: many archives leave them out or have their own.
    """
    return (
        _modality(facts.modality)
        or (None if facts.modality else _sop_class(facts.sop_class))
        or _image_type(facts.image_type)
        or _body_part(facts.body_part)
        or _region(facts.anatomic_region)
    )


def _modality(modality: str) -> str | None:
    if modality in ("", _MRI):
        return None
    meaning = MODALITIES.get(modality)
    value = f"{modality} ({meaning})" if meaning else "another than MR"
    return f"(0008,0060) Modality is {value}; MR is needed"


def _sop_class(uid: str) -> str | None:
    meaning = OTHER_SOP_CLASSES.get(uid)
    return (
        f"(0008,0016) SOP Class UID is that of {meaning}, and (0008,0060) Modality does not say MR" if meaning else None
    )


def _image_type(values: tuple[str, ...]) -> str | None:
    for value in values:
        if meaning := IMAGE_TYPES.get(compact(value)):
            return f"(0008,0008) Image Type says that it is {meaning}"
    return None


def _body_part(term: str) -> str | None:
    meaning = OTHER_PARTS.get(compact(term))
    return f"(0018,0015) Body Part Examined is {compact(term)} ({meaning}), not the head" if meaning else None


def _region(code: str) -> str | None:
    meaning = OTHER_REGIONS.get(code)
    return f"(0008,2218) Anatomic Region Sequence says {code} ({meaning}), not the head" if meaning else None
