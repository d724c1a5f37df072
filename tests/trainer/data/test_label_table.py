"""Folders with a table of labels."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.data.label_table import TableSpec, _natural, read_table
from trainer.errors import DataError


@pytest.fixture
def table(tmp_path: Path) -> Path:
    folder = tmp_path / "cheng"
    for name in ("10.jpg", "2.jpg", "1.jpg", "s[1].jpg"):
        (folder / "images").mkdir(parents=True, exist_ok=True)
        (folder / "images" / name).touch()
    path = folder / "labels.csv"
    path.write_text("file,class,patient\n10.jpg,1,p\n1.jpg,2,q\n2.jpg,1,p\ns[1].jpg,2,r\n")
    return path


def test_rows_become_samples_in_the_order_of_the_table(table: Path) -> None:
    samples = read_table(TableSpec(table, group_column="patient"), {"1": "glioma"})

    assert [(s.path.name, s.label, s.source, s.group, s.series) for s in samples] == [
        ("10.jpg", "glioma", "cheng", "p", None),
        ("1.jpg", "2", "cheng", "q", None),
        ("2.jpg", "glioma", "cheng", "p", None),
        ("s[1].jpg", "2", "cheng", "r", None),
    ]


def test_an_ordered_table_gives_one_series_a_label_in_the_order_of_the_numbers(table: Path) -> None:
    samples = read_table(TableSpec(table, ordered={"glioma": 38, "other": 21}), {"1": "glioma", "2": "other"})

    assert [(s.path.name, s.series, s.group) for s in samples] == [
        ("2.jpg", "cheng-glioma", None),
        ("10.jpg", "cheng-glioma", None),
        ("1.jpg", "cheng-other", None),
        ("s[1].jpg", "cheng-other", None),
    ]


def test_masks_are_found_by_the_stem_whatever_their_format(table: Path) -> None:
    masks = table.parent / "masks"
    masks.mkdir()
    for name in ("10.png", "s[1].tif", "21.png"):
        (masks / name).touch()

    samples = read_table(TableSpec(table, masks="masks"), {})

    assert [s.mask.name if s.mask else None for s in samples] == ["10.png", None, None, "s[1].tif"]


def test_a_table_in_the_folder_of_work_has_a_source(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)

    assert {s.source for s in read_table(TableSpec(Path(table.name)), {})} == {"cheng"}


@pytest.mark.parametrize(
    ("text", "changes", "message"),
    [
        (None, {}, "no such table"),
        ("file,class\n", {}, "no rows"),
        ("", {}, r"the columns \['file', 'class'\] are missing"),
        ("name,class\n", {}, r"the columns \['file'\] are missing; it has \['name', 'class'\]"),
        ("file,class\n1.jpg,a\n", {"group_column": "patient"}, r"the columns \['patient'\] are missing"),
        ("file,class\n1.jpg,a\n3.jpg,a\n", {}, "line 3: there is no file .*3.jpg; name the folder with --images"),
        ("file,class\n1.jpg\n", {}, "line 2: the column 'class' is empty"),
        ("file,class\n,a\n", {}, "line 2: there is no file"),
        ("file,class\n1.jpg,a\n", {"images": "pictures"}, "there is no file"),
        ("file,class\n\xe4.jpg,a\n", {}, "not a CSV file in UTF-8"),
        ("file,class,p\n1.jpg,a,1\n", {"group_column": "p", "ordered": {"a": 38}}, "--ordered is for unknown patients"),
    ],
)
def test_what_is_wrong_is_named(table: Path, text: str | None, changes: dict[str, object], message: str) -> None:
    table.unlink()
    if text is not None:
        table.write_text(text, encoding="latin-1")

    with pytest.raises(DataError, match=message):
        read_table(TableSpec(table, **changes), {})  # type: ignore[arg-type]


@given(number=st.integers(0, 10**9), stem=st.text(max_size=5), tail=st.text(max_size=5))
def test_numbers_sort_by_value_within_any_name(number: int, stem: str, tail: str) -> None:
    stem = stem.rstrip("0123456789")

    assert _natural(f"{stem}_{number}_{tail}") < _natural(f"{stem}_{number + 1}_{tail}")
