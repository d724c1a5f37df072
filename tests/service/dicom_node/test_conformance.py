"""The conformance statement says what the code does."""

from pathlib import Path

from service.dicom_node import statuses
from service.dicom_node.listener import SYNTAXES, VERIFICATION
from service.series import MR_IMAGES

STATEMENT = (Path(__file__).parents[3] / "docs" / "conformance.md").read_text("utf-8")


def test_it_lists_every_status_with_its_comment() -> None:
    rows = {f"| {one.code:04X} | {one.reason} | {one.comment} |" for one in statuses.TABLE}

    assert {
        line for line in STATEMENT.splitlines() if line[:2] == "| " and line[2:6].isalnum() and line[6:9] == " | "
    } == rows
    assert all(len(one.comment) <= 64 for one in statuses.TABLE)


def test_it_lists_every_class_and_every_transfer_syntax_that_is_taken() -> None:
    for uid in (VERIFICATION, *MR_IMAGES):
        assert f"| {uid.name} | {uid} |" in STATEMENT, uid.name
    listed = STATEMENT.partition("that is read is accepted: ")[2].partition(". Deflated")[0]
    assert listed.split("; ") == [f"{one.name} ({one})" for one in SYNTAXES]
