"""The key of pseudonyms, and what is made with it."""

import re
from pathlib import Path

import pytest
from pydicom.uid import UID

from service.deidentification import Pseudonyms, read_key
from service.errors import SettingsError

VARIABLE = "SERVICE_NODE_PSEUDONYM_KEY_FILE"


def test_a_key_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("ab" * 32 + "\n")

    assert read_key(tmp_path / "key", VARIABLE) == b"ab" * 32


def test_a_key_that_is_missing_or_short_is_named_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("secret")
    for name, said in (("none", "cannot be read"), ("short", "6 bytes, fewer than 32")):
        with pytest.raises(SettingsError, match=said) as raised:
            read_key(tmp_path / name, VARIABLE)
        assert VARIABLE in str(raised.value)
        assert "secret" not in str(raised.value)


def test_pseudonyms_have_a_form_that_dicom_allows() -> None:
    own = Pseudonyms(b"k" * 32)

    assert re.fullmatch(r"P-[A-Z2-7]{16}", own.patient("", "1"))
    assert UID(own.uid("1.2.3")).is_valid
    assert own.uid("1.2.3").startswith("2.25.")


def test_what_is_joined_differently_is_different() -> None:
    own = Pseudonyms(b"k" * 32)

    assert own.patient("a", "bc") != own.patient("ab", "c")
    assert own.uid("1.2") != own.uid("1.3")
