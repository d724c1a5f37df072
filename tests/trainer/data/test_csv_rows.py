"""CSV tables."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainer.data.csv_rows import read_rows
from trainer.errors import DataError


def test_rows_come_with_their_line_and_every_cell(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes('\ufefffile,class\r\na.png,1\r\n"b,\n.png"\r\n\r\nc.png,2,more\r\n'.encode())

    rows = read_rows(path, ["file", "class"])

    assert [(line, row["file"], row["class"]) for line, row in rows] == [
        (2, "a.png", "1"),
        (4, "b,\n.png", ""),
        (6, "c.png", "2"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the columns .*file.* are missing; it has \\[\\]"),
        (b"name,class\na,b\n", "the columns \\['file'\\] are missing; it has \\['name', 'class'\\]"),
        (b"\x89PNG\r\n\x1a\n", "not a CSV file in UTF-8"),
        (b"file,class\n\xe9.png,a\n", "not a CSV file in UTF-8"),
        (b"file,class\n" + b"x" * 200_000, "not a CSV file in UTF-8"),
    ],
    ids=["empty", "column", "picture", "latin-1", "endless"],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)

    with pytest.raises(DataError, match=message) as error:
        read_rows(path, ["file", "class"])

    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_bytes_give_rows_or_a_data_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)

    try:
        rows = read_rows(path, [])
    except DataError:
        rows = []

    assert all(isinstance(cell, str | list) for _, row in rows for cell in row.values())
