"""A ZIP is read entry by entry; what it says of itself is not believed."""

import io
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import service
from service.batch.archive import SKIPPED, Archive
from service.batch.limits import BatchLimits
from service.errors import PayloadTooLarge, ProblemError, UnreadableImage, UnsupportedFormat
from tests.service.batch.zips import Entry, forged, zipped

LIMITS = BatchLimits(max_bytes=10**6, max_file_bytes=10_000, max_images=20, image_s=30, drain_s=15)
GOOD = b"an image " * 50
ZIP_JS = Path(service.__file__).with_name("static") / "zip.js"


def opened(data: bytes, max_files: int = 20) -> Archive:
    return Archive(data, LIMITS, max_files)


def contents(data: bytes) -> list[bytes]:
    archive = opened(data)
    return [archive.read(index) for index in range(len(archive))]


@pytest.mark.parametrize("compression", [8, ZIP_STORED])
def test_files_come_in_the_order_of_the_directory(compression: int) -> None:
    assert contents(zipped(b"first", b"", GOOD, compression=compression)) == [b"first", b"", GOOD]


def test_folders_are_no_files() -> None:
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr(ZipInfo("study/"), b"")
        archive.writestr("study/1", GOOD)

    assert contents(made.getvalue()) == [GOOD]


NO_IMAGES = (
    "__MACOSX/._1",
    "study/__MACOSX/1",
    ".DS_Store",
    "study/.hidden/1",
    "study/._1",
    "DICOMDIR",
    "disc/DICOMDIR",
    "Thumbs.db",
)
IMAGES = ("1", "study.1/IM.1", "./2", "../3", "DICOMDIR.dcm", "my__MACOSX/4")


def named(*names: str) -> bytes:
    """Return a ZIP of files that hold their own names."""
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return made.getvalue()


def test_what_systems_add_and_the_index_of_a_medium_are_left_out() -> None:
    assert contents(named(*NO_IMAGES, *IMAGES)) == [name.encode() for name in IMAGES]


def test_a_zip_of_nothing_else_holds_no_image() -> None:
    with pytest.raises(UnreadableImage, match="no image"):
        opened(named(*NO_IMAGES))


def test_the_page_leaves_out_the_same_names() -> None:
    (line,) = [line for line in ZIP_JS.read_text().splitlines() if line.startswith("const SKIPPED")]

    assert line.removeprefix("const SKIPPED = /").removesuffix("/;").replace("\\/", "/") == SKIPPED.pattern


def test_what_stands_before_and_after_a_zip_does_not_matter() -> None:
    made = io.BytesIO(b"a program that unpacks itself")
    with ZipFile(made, "a") as archive:
        archive.writestr("1", GOOD)
        archive.comment = b"a comment"

    assert contents(made.getvalue()) == [GOOD]


def test_entries_of_the_same_name_are_files_of_their_own() -> None:
    assert contents(forged([Entry(b"one"), Entry(b"two")])) == [b"one", b"two"]


UNREADABLE: dict[str, tuple[Callable[[], bytes], type[ProblemError]]] = {
    "nothing in it": (lambda: zipped(), UnreadableImage),
    "a folder alone": (lambda: forged([Entry(b"", name=b"study/")]), UnreadableImage),
    "cut off": (lambda: zipped(GOOD)[:-30], UnreadableImage),
    "a directory that lies beyond the end": (lambda: forged([Entry(GOOD)], offset=10**6), UnreadableImage),
    "a directory that is longer than the file": (lambda: forged([Entry(GOOD)], size=10**9), UnreadableImage),
    "a directory that is shorter than its entries": (lambda: forged([Entry(GOOD)], size=10), UnreadableImage),
    "more files than images are left": (lambda: zipped(*[b"x"] * 21), PayloadTooLarge),
    "more entries than files need, counted as one": (
        lambda: forged([Entry(b"", name=b"n")] * 4000, count=1),
        PayloadTooLarge,
    ),
    "two entries of the same bytes": (lambda: forged([Entry(GOOD), Entry(GOOD, offset=0)]), UnreadableImage),
    "an entry that reaches into the next": (
        lambda: forged([Entry(GOOD, compress_size=200), Entry(GOOD)]),
        UnreadableImage,
    ),
    "an entry that reaches into the directory": (lambda: forged([Entry(GOOD, compress_size=999)]), UnreadableImage),
    "an entry in the directory": (lambda: forged([Entry(GOOD), Entry(GOOD, offset=80)]), UnreadableImage),
}


@pytest.mark.parametrize(("data", "problem"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_zip_that_contradicts_itself_or_asks_for_too_much_is_refused_whole(
    data: Callable[[], bytes], problem: type[ProblemError]
) -> None:
    with pytest.raises(problem) as refused:
        opened(data())

    assert refused.value.detail.endswith(".")


REFUSED: dict[str, tuple[Entry, type[ProblemError]]] = {
    "encrypted": (Entry(GOOD, flags=0x1), UnsupportedFormat),
    "strongly encrypted": (Entry(GOOD, flags=0x41), UnsupportedFormat),
    "a patch": (Entry(GOOD, flags=0x20), UnreadableImage),
    "compressed by bzip2, which cannot be bounded": (Entry(GOOD, method=ZIP_BZIP2), UnsupportedFormat),
    "compressed by lzma, which cannot be bounded": (Entry(GOOD, method=ZIP_LZMA), UnsupportedFormat),
    "a ZIP again": (Entry(zipped(GOOD)), UnsupportedFormat),
    "more bytes than a file may have": (Entry(bytes(10_001)), PayloadTooLarge),
    "more bytes than it says": (Entry(bytes(10_001), file_size=5000), UnreadableImage),
    "fewer bytes than it says": (Entry(GOOD, file_size=5000), UnreadableImage),
    "not its checksum": (Entry(GOOD, crc=1), UnreadableImage),
    "stored, and shorter than it says": (Entry(GOOD, method=0, file_size=5000), UnreadableImage),
    "cut off in the middle": (Entry(GOOD, compress_size=5), UnreadableImage),
}


@pytest.mark.parametrize(("entry", "problem"), REFUSED.values(), ids=REFUSED)
def test_an_entry_that_cannot_be_read_does_not_fail_the_next(entry: Entry, problem: type[ProblemError]) -> None:
    archive = opened(forged([entry, Entry(GOOD)]))

    with pytest.raises(problem) as refused:
        archive.read(0)

    assert refused.value.detail.endswith(".")
    assert archive.read(1) == GOOD


def test_a_file_of_just_the_largest_size_passes() -> None:
    assert contents(zipped(bytes(10_000))) == [bytes(10_000)]


def test_no_problem_repeats_the_name_of_a_file() -> None:
    entries = [Entry(GOOD, name=b"DOE^JANE", crc=1), Entry(GOOD, name=b"DOE^JANE", flags=1)]
    archive = opened(forged(entries))

    for index in range(2):
        with pytest.raises(ProblemError) as refused:
            archive.read(index)
        assert "DOE" not in refused.value.detail


@given(
    cuts=st.lists(st.tuples(st.integers(0, 1500), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4),
    length=st.integers(4, 1500),
    files=st.lists(st.binary(max_size=300), max_size=4),
)
def test_a_damaged_zip_gives_files_within_the_limits_or_problems(
    cuts: list[tuple[int, bytes]], length: int, files: list[bytes]
) -> None:
    data = bytearray(zipped(*files, zipped(b"x")))
    for place, replacement in cuts:
        start = place % len(data)
        data[start : start + len(replacement)] = replacement

    for damaged in (bytes(data), bytes(data[:length])):
        try:
            archive = opened(damaged)
        except ProblemError:
            continue
        for index in range(len(archive)):
            try:
                assert len(archive.read(index)) <= LIMITS.max_file_bytes
            except ProblemError as problem:
                assert 400 <= problem.status < 500
