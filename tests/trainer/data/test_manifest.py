"""CSV manifests."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainer.data.manifest import read_manifest, write_manifest
from trainer.data.sample import EXCLUDED, SPLITS, Sample
from trainer.errors import DataError

NAMES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b c.png", "m.png", "ä,'\".png"):
        (tmp_path / name).touch()
    return tmp_path


def manifest(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read_back(folder: Path) -> None:
    samples = [
        Sample(folder / "a.png", "x", "one"),
        Sample(folder / "b c.png", "y", "two", "patient 1", "test", folder / "m.png", "series-1"),
        Sample(folder / "ä,'\".png", "y", "two", group="p,2", split="train"),
    ]

    write_manifest(folder / "run" / "split.csv", samples)
    back = read_manifest(folder / "run" / "split.csv")

    assert [sample.path.resolve() for sample in back] == [sample.path for sample in samples]
    assert [known(sample) for sample in back] == [known(sample) for sample in samples]
    assert back[1].mask is not None and back[1].mask.resolve() == folder / "m.png"


def known(sample: Sample) -> tuple[str | None, ...]:
    return sample.label, sample.source, sample.group, sample.split, sample.series


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(NAMES, NAMES, st.none() | NAMES, st.none() | st.sampled_from(SPLITS)), min_size=1, max_size=5
    )
)
def test_any_names_survive(folder: Path, rows: list[tuple[str, str, str | None, str | None]]) -> None:
    samples = [Sample(folder / "a.png", label, source, group, split) for label, source, group, split in rows]

    write_manifest(folder / "list.csv", samples)

    assert [known(sample) for sample in read_manifest(folder / "list.csv")] == [known(sample) for sample in samples]


def test_a_run_reached_by_a_link_finds_its_images(folder: Path) -> None:
    (folder / "far" / "away" / "runs").mkdir(parents=True)
    (folder / "runs").symlink_to(folder / "far" / "away" / "runs")

    write_manifest(folder / "runs" / "split.csv", [Sample(folder / "a.png", "x", "one")])

    assert read_manifest(folder / "runs" / "split.csv")[0].path.samefile(folder / "a.png")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path,label\na.png,x\n", ("x", "list", None, None, None)),
        ("\ufefflabel,path\nx,a.png\n", ("x", "list", None, None, None)),
        ("path,label,group,split,other\n a.png , x ,7,validation,?\n", ("x", "list", "7", "validation", None)),
        ("path,label,source,series\na.png,x,hospital,s1\n", ("x", "hospital", None, None, "s1")),
    ],
    ids=["least", "byte order mark", "blanks", "source"],
)
def test_columns_may_be_left_out_and_ordered_at_will(folder: Path, text: str, expected: tuple[str | None, ...]) -> None:
    assert [known(sample) for sample in read_manifest(manifest(folder, text))] == [expected]


@pytest.mark.parametrize("text", ["path,label\n", f"path,label,split\na.png,x,{EXCLUDED}\n"])
def test_no_rows_or_only_excluded_ones_give_nothing(folder: Path, text: str) -> None:
    assert read_manifest(manifest(folder, text)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"the columns \['path', 'label'\] are missing"),
        ("file,label\na.png,x\n", r"the columns \['path'\] are missing"),
        ("path,label\na.png,x\nnone.png,x\n", "line 3: there is no file .*none.png"),
        ("path,label\na.png,\n", "line 2: path and label must not be empty"),
        ("path,label\na.png\n", "line 2: path and label must not be empty"),
        ("path,label,split\na.png,x,Testing\n", "line 2: split 'Testing' is none of train, validation, test"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(folder: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_manifest(manifest(folder, text))


def test_a_name_that_is_no_text_is_refused_in_one_line(folder: Path) -> None:
    with pytest.raises(DataError, match=r"udcff\.png': the name is not UTF-8; rename the file") as error:
        write_manifest(folder / "list.csv", [Sample(folder / "a\udcff.png", "x", "one")])

    assert str(error.value).isascii()
    assert not (folder / "list.csv").exists()


def test_a_manifest_is_whole_or_stays_as_it_was(folder: Path) -> None:
    path = manifest(folder, "old")

    with pytest.raises(AttributeError):
        write_manifest(path, [Sample(folder / "a.png", "x", "one"), None])  # type: ignore[list-item]

    assert path.read_text() == "old"
    assert not list(folder.glob(".partial*"))
