"""The table of codes in the documentation is the one in the code."""

from pathlib import Path

import pytest

from service.reports.codes import LOCAL_SCHEME, TABLE, Code

PAGE = (Path(__file__).parents[3] / "docs" / "reports.md").read_text("utf-8")


@pytest.mark.parametrize("code", TABLE, ids=lambda code: code.value)
def test_every_code_is_listed_with_its_source(code: Code) -> None:
    assert f"| {code.meaning} | {code.scheme} `{code.value}` | {code.source} |" in PAGE


@pytest.mark.parametrize("code", TABLE, ids=lambda code: code.value)
def test_a_code_is_either_local_or_has_a_source(code: Code) -> None:
    assert (code.scheme == LOCAL_SCHEME) == (code.source == "local")
