"""An object is read once for its pixels and its UIDs, and refused as if it were read for each."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from service.dicom_node.received_object import check_object
from service.dicom_node.statuses import NOT_REPORTABLE, UNREADABLE, StoreRefused
from service.errors import NotReportable, ProblemError
from service.imaging import Limits, open_image
from service.imaging.dicom.file import read_file
from service.reports.file_header import read_header
from service.reports.source_header import IDENTITY, identity_of
from tests.service.dicom_node.nodes import image


def encoded(syntax: UID) -> bytes:
    made = dcmread(io.BytesIO(image(0)))
    made.file_meta.TransferSyntaxUID = syntax
    file = io.BytesIO()
    made.save_as(file, implicit_vr=syntax.is_implicit_VR, little_endian=True)
    return file.getvalue()


def picture() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(file, "PNG")
    return file.getvalue()


WHOLE = image(0)
UIDS = identity_of(read_header(WHOLE, Limits(), IDENTITY))
SOURCES = (WHOLE, encoded(ImplicitVRLittleEndian), encoded(DeflatedExplicitVRLittleEndian), picture())


def outcome(data: bytes) -> str:
    """Return the reason of the refusal, or which object it is."""
    try:
        received = check_object(data, UIDS["SOPClassUID"], UIDS["SOPInstanceUID"], Limits())
    except StoreRefused as refused:
        return refused.status.reason
    return f"{received.series} {received.instance}"


def is_taken_step_by_step(data: bytes) -> bool:
    """Whether the pixels and the header, each read from the bytes alone, allow it."""
    try:
        open_image(data, Limits())
        uids = identity_of(read_header(data, Limits(), IDENTITY))
    except ProblemError:
        return False
    return (uids["SOPClassUID"], uids["SOPInstanceUID"]) == (UIDS["SOPClassUID"], UIDS["SOPInstanceUID"])


def test_deflated_objects_pictures_and_halves_are_refused() -> None:
    assert outcome(SOURCES[0]) == outcome(SOURCES[1])
    assert [outcome(data) for data in SOURCES[2:]] == [NOT_REPORTABLE.reason] * 2
    assert outcome(WHOLE[: len(WHOLE) // 2]) == UNREADABLE.reason


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(SOURCES),
    st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 255)), max_size=3),
    st.none() | st.integers(0, 1200),
)
def test_whatever_is_damaged_is_taken_only_if_each_step_takes_it(
    data: bytes, flips: list[tuple[int, int]], end: int | None
) -> None:
    changed = bytearray(data[:end])
    for place, value in flips:
        if place < len(changed):
            changed[place] = value

    assert (" " in outcome(bytes(changed))) == is_taken_step_by_step(bytes(changed))


@pytest.mark.parametrize("data", SOURCES[:2])
def test_a_header_is_the_same_whether_or_not_the_file_was_read_before(data: bytes) -> None:
    assert read_header(data, Limits(), IDENTITY, read_file(data, Limits())) == read_header(data, Limits(), IDENTITY)


def test_a_deflated_file_is_not_reportable_even_where_it_was_read_before() -> None:
    with pytest.raises(NotReportable, match="deflated"):
        read_header(SOURCES[2], Limits(), IDENTITY, read_file(SOURCES[2], Limits()))
