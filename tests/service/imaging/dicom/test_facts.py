"""The facts that later gates need travel on the picture; nothing about the patient does."""

import logging

import numpy as np
import pytest
from pydicom import uid
from pydicom.datadict import DicomDictionary, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from service.errors import ProblemError
from service.imaging import DicomFacts, decode
from tests.service.imaging.dicom.objects import dataset, dicom, native, ramp, written
from tests.service.imaging.files import encode, noise

VALUES = ramp()
SECRET = "DOE^JANE"
_TEXT_VRS = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT")


def item(**elements: object) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def facts(**elements: object) -> DicomFacts:
    found = decode(dicom(VALUES, **elements)).dicom
    assert found is not None
    return found


def test_the_facts_of_a_plain_object() -> None:
    region = Sequence([item(CodeValue="69536005", CodingSchemeDesignator="SCT", CodeMeaning="Head")])

    found = facts(
        ImageType=["ORIGINAL", "PRIMARY", "M", "SE"],
        BodyPartExamined="HEAD",
        AnatomicRegionSequence=region,
        BurnedInAnnotation="NO",
    )

    assert found == DicomFacts(
        sop_class=uid.MRImageStorage,
        transfer_syntax=uid.ExplicitVRLittleEndian,
        modality="MR",
        image_type=("ORIGINAL", "PRIMARY", "M", "SE"),
        body_part="HEAD",
        anatomic_region="SCT:69536005",
        burned_in_annotation="NO",
    )


def test_absent_facts_are_empty() -> None:
    found = facts(Modality=None, SOPClassUID=None)

    assert found == DicomFacts("", uid.ExplicitVRLittleEndian, "", (), "", "", "")


def test_a_frame_of_an_enhanced_object_has_a_type_and_an_anatomy_of_its_own() -> None:
    region = Sequence([item(CodeValue="T-A0100", CodingSchemeDesignator="SRT")])
    anatomy = Sequence([item(FrameLaterality="U", AnatomicRegionSequence=region)])
    kinds = (["ORIGINAL", "PRIMARY", "T1", "NONE"], ["DERIVED", "PRIMARY", "PERFUSION", "NONE"])
    groups = [item(MRImageFrameTypeSequence=Sequence([item(FrameType=kind)])) for kind in kinds]
    data = dicom(
        np.stack([VALUES, VALUES]),
        frames=2,
        ImageType=["MIXED", "PRIMARY", "M", "NONE"],
        SharedFunctionalGroupsSequence=Sequence([item(FrameAnatomySequence=anatomy)]),
        PerFrameFunctionalGroupsSequence=Sequence(groups),
    )

    for frame, kind in enumerate(kinds):
        found = decode(data, frame=frame).dicom
        assert found is not None
        assert (found.image_type, found.anatomic_region) == (tuple(kind), "SRT:T-A0100")


@pytest.mark.parametrize(
    ("spacing", "expected"),
    [([0.5, 0.75], (0.5, 0.75)), (None, None), ("", None), ([0, 1], None), ([1], None), (["1e999", 1], None)],
)
def test_the_spacing_is_known_where_it_makes_sense(spacing: object, expected: object) -> None:
    whole = dicom(VALUES, PixelSpacing=["0.12345", 1] if spacing == ["1e999", 1] else spacing)

    assert decode(whole.replace(b"0.12345", b"1e99999")).spacing_mm == expected


def test_other_formats_have_no_such_facts() -> None:
    picture = decode(encode(noise(), "PNG"))

    assert (picture.dicom, picture.spacing_mm) == (None, None)


def secretive() -> Dataset:
    """Return an object with the secret in every text element of the data dictionary, and in a private one."""
    made = dataset(VALUES)
    for tag, (vr, *_) in DicomDictionary.items():
        keyword = keyword_for_tag(tag)
        if vr in _TEXT_VRS and keyword and 0x0008 <= tag >> 16 < 0x7FE0 and keyword not in made:
            made.add_new(tag, vr, SECRET)
    made.private_block(0x0011, SECRET, create=True).add_new(0x01, "LO", SECRET)
    made.SpecificCharacterSet = "ISO_IR 100"
    for keyword in ("VOILUTFunction", "VOILUTSequence"):
        made.pop(keyword, None)
    made.PixelData = native(VALUES, uid.ExplicitVRLittleEndian)
    made["PixelData"].VR = "OW"
    return made


def test_a_name_in_any_element_stays_in_the_file(caplog: pytest.LogCaptureFixture) -> None:
    data = written(secretive())
    assert data.count(SECRET.encode()) > 1000
    caplog.clear()

    with caplog.at_level(logging.DEBUG):
        picture = decode(data)

    assert SECRET not in repr(picture.dicom)
    assert "JANE" not in caplog.text


@pytest.mark.parametrize("keyword", ["Rows", "BitsAllocated", "PhotometricInterpretation", "PixelData"])
def test_a_name_stays_out_of_problems(keyword: str, caplog: pytest.LogCaptureFixture) -> None:
    made = secretive()
    del made[keyword]
    data = written(made)
    caplog.clear()

    with caplog.at_level(logging.DEBUG), pytest.raises(ProblemError) as raised:
        decode(data)

    assert "JANE" not in raised.value.detail + caplog.text


def test_a_name_in_place_of_a_code_stays_out_of_the_facts() -> None:
    names = dict.fromkeys(("Modality", "BodyPartExamined", "BurnedInAnnotation"), SECRET)

    found = decode(dicom(VALUES, ImageType=["ORIGINAL", SECRET], SOPClassUID=SECRET, **names)).dicom

    assert found is not None
    assert "JANE" not in repr(found)
    assert found.image_type == ("ORIGINAL",)
