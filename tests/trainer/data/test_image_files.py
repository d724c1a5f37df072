"""The image files of any place on disk."""

from pathlib import Path

import pytest

from trainer.data.image_files import find_files
from trainer.errors import DataError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("flat/b.png", "flat/a.JPG", "flat/notes.txt", "deep/x/y/c.png", "deep/.git/d.png", "deep/.hidden"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.csv").write_text("path,label\nflat/b.png,x\n")
    return tmp_path


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (("flat",), ["flat/a.JPG", "flat/b.png", "flat/notes.txt"]),
        (("deep",), ["deep/x/y/c.png"]),
        (("flat/b.png", "deep"), ["flat/b.png", "deep/x/y/c.png"]),
        (("flat/b.png", "flat"), ["flat/b.png", "flat/a.JPG", "flat/notes.txt"]),
        (("list.csv",), ["flat/b.png"]),
        (("deep/.hidden",), ["deep/.hidden"]),
    ],
    ids=["flat", "nested", "file and folder", "each once", "manifest", "hidden but named"],
)
def test_every_file_is_found_in_order(root: Path, places: tuple[str, ...], expected: list[str]) -> None:
    found = find_files([root / place for place in places])

    assert [path.relative_to(root).as_posix() for path in found] == expected


def test_what_is_ignored_is_left_out(root: Path) -> None:
    found = find_files([root / "flat"], ignored=[root / "deep" / ".." / "flat" / "a.JPG"])

    assert [path.name for path in found] == ["b.png", "notes.txt"]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("gone", "gone: no such file or folder"),
        ("gone.csv", "gone.csv: no such file or folder"),
        ("empty", "empty: no files"),
        ("deep/.git/..", None),
    ],
)
def test_a_place_without_files_is_named(root: Path, place: str, message: str | None) -> None:
    if message is None:
        assert len(find_files([root / place])) == 1
        return
    with pytest.raises(DataError, match=message):
        find_files([root / "flat", root / place])
