import pytest

from service.imaging.bounded_bytes import BoundedBytes


def test_it_reads_like_a_file() -> None:
    file = BoundedBytes(b"abcdef")

    assert (file.read(2), file.read(), file.read(), file.seek(1), file.read(1)) == (b"ab", b"cdef", b"", 1, b"b")


def test_a_hundred_thousand_reads_and_one_for_every_32_bytes_are_allowed() -> None:
    file = BoundedBytes(bytes(320))

    for _ in range(100_010):
        file.read(1)
    with pytest.raises(OSError, match="small pieces"):
        file.read(1)


def test_bytes_that_were_inflated_allow_no_more_reads_than_those_that_were_sent() -> None:
    file = BoundedBytes(bytes(32_000), sent=320)

    for _ in range(100_010):
        file.read(1)
    with pytest.raises(OSError, match="small pieces"):
        file.read(1)
