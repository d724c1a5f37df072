"""What of a DICOM header speaks against a brain MRI, and what does not."""

import dataclasses

import pytest
from pydicom import uid

from service.header_gate import objection
from service.header_terms import HEAD_PARTS, IMAGE_TYPES, MODALITIES, OTHER_PARTS, OTHER_REGIONS, OTHER_SOP_CLASSES
from service.imaging import DicomFacts, Limits, open_image
from tests.pictures import dark
from tests.service.imaging.dicom.objects import dicom

HEAD_MRI = DicomFacts(
    sop_class=uid.MRImageStorage,
    transfer_syntax=uid.ExplicitVRLittleEndian,
    modality="MR",
    image_type=("ORIGINAL", "PRIMARY", "M", "ND"),
    body_part="HEAD",
    anatomic_region="SCT:69536005",
    burned_in_annotation="NO",
)


def objection_to(**facts: object) -> str | None:
    return objection(dataclasses.replace(HEAD_MRI, **facts))  # type: ignore[arg-type]


OBJECTIONS: dict[str, tuple[dict[str, object], str]] = {
    "CT": ({"modality": "CT"}, "(0008,0060) Modality is CT (computed tomography); MR is needed"),
    "other": ({"modality": "OT"}, "(0008,0060) Modality is OT (other); MR is needed"),
    "a modality that is not in the standard": (
        {"modality": "DOE JANE"},
        "(0008,0060) Modality is another than MR; MR is needed",
    ),
    "secondary capture without a modality": (
        {"modality": "", "sop_class": uid.SecondaryCaptureImageStorage},
        "(0008,0016) SOP Class UID is that of secondary capture, and (0008,0060) Modality does not say MR",
    ),
    "CT without a modality": (
        {"modality": "", "sop_class": uid.CTImageStorage},
        "(0008,0016) SOP Class UID is that of computed tomography, and (0008,0060) Modality does not say MR",
    ),
    "a localizer": (
        {"image_type": ("ORIGINAL", "PRIMARY", "LOCALIZER")},
        "(0008,0008) Image Type says that it is a localizer",
    ),
    "a scout": ({"image_type": ("DERIVED", "SCOUT")}, "(0008,0008) Image Type says that it is a scout image"),
    "a screen save": (
        {"image_type": ("DERIVED", "SECONDARY", "SCREEN SAVE")},
        "(0008,0008) Image Type says that it is a screen save",
    ),
    "a knee": ({"body_part": "KNEE"}, "(0018,0015) Body Part Examined is KNEE (knee), not the head"),
    "a spine, written in two words": (
        {"body_part": "C SPINE"},
        "(0018,0015) Body Part Examined is CSPINE (cervical spine), not the head",
    ),
    "a coded knee": (
        {"body_part": "", "anatomic_region": "SCT:72696002"},
        "(0008,2218) Anatomic Region Sequence says SCT:72696002 (knee), not the head",
    ),
}


@pytest.mark.parametrize(("facts", "expected"), OBJECTIONS.values(), ids=OBJECTIONS)
def test_what_is_plainly_no_brain_mri_is_named_with_its_element(facts: dict[str, object], expected: str) -> None:
    assert objection_to(**facts) == expected


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"modality": ""},
        {"modality": "", "sop_class": ""},
        {"sop_class": uid.SecondaryCaptureImageStorage},
        {"image_type": ()},
        {"image_type": ("DERIVED", "SECONDARY", "MPR")},
        {"image_type": ("DERIVED", "PRIMARY", "PROJECTION IMAGE")},
        {"body_part": "", "anatomic_region": ""},
        {"body_part": "SCHAEDEL"},
        {"anatomic_region": "SRT:T-D1100"},
        *({"body_part": part} for part in sorted(HEAD_PARTS)),
    ],
    ids=str,
)
def test_what_is_absent_unknown_or_the_head_passes(facts: dict[str, object]) -> None:
    assert objection_to(**facts) is None


def test_no_term_is_in_two_tables() -> None:
    assert not HEAD_PARTS & OTHER_PARTS.keys()
    assert "MR" not in MODALITIES


def test_terms_are_written_as_they_are_compared() -> None:
    for term in (*HEAD_PARTS, *OTHER_PARTS, *IMAGE_TYPES):
        assert term.isalpha() and term.isupper()


def test_sop_classes_are_those_of_the_standard() -> None:
    names = {code: uid.UID(code).name for code in OTHER_SOP_CLASSES}

    assert all("Storage" in name and "MR" not in name.split() for name in names.values())


def test_regions_are_those_of_the_standard() -> None:
    from pydicom.sr._concepts_dict import concepts
    from pydicom.sr._snomed_dict import mapping

    known = {code for codes in concepts["SCT"].values() for code in codes}
    for region in OTHER_REGIONS:
        scheme, _, code = region.partition(":")
        assert (code if scheme == "SCT" else mapping["SRT"].get(code)) in known, region


def test_free_text_in_a_header_is_not_repeated() -> None:
    facts = open_image(dicom(dark(), Modality="DOE JANE", BodyPartExamined="Doe, Jane"), Limits()).facts()

    assert facts is not None
    assert "DOE" not in str(objection(facts)).upper()
