import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.batch_body import MultipartBatch, RawBatch
from service.batch.limits import BatchLimits
from service.errors import InvalidRequest, PayloadTooLarge, ProblemError

LIMITS = BatchLimits(max_bytes=5000, max_file_bytes=1000, max_images=4, image_s=30, drain_s=15)
PATIENT = b"DOE^JANE"


def form(*contents: bytes, name: bytes = b"files") -> bytes:
    head = b'--limit\r\nContent-Disposition: form-data; name="%b"; filename="%b.png"\r\n\r\n' % (name, PATIENT)
    return b"".join(head + content + b"\r\n" for content in contents) + b"--limit--\r\n"


def received(body: bytes, cuts: list[int] = []) -> list[bytes | ProblemError]:  # noqa: B006
    reader = MultipartBatch(b"limit", LIMITS)
    ends = sorted({min(cut, len(body)) for cut in cuts} | {len(body)})
    for start, end in zip([0, *ends], ends, strict=False):
        reader.feed(body[start:end])
    return reader.finish()


@given(
    contents=st.lists(st.binary(max_size=200), min_size=1, max_size=4), cuts=st.lists(st.integers(0, 900), max_size=8)
)
def test_files_arrive_unchanged_and_in_order_however_the_body_is_cut(contents: list[bytes], cuts: list[int]) -> None:
    if not any(b"\r\n--limit" in b"\r\n" + content for content in contents):
        assert received(form(*contents), cuts) == contents


@given(body=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=4))
def test_any_nonsense_is_a_problem_of_the_client(body: bytes, cuts: list[int]) -> None:
    with pytest.raises(ProblemError):
        received(body, cuts)


def test_a_file_that_is_too_large_is_dropped_alone() -> None:
    first, large, last = received(form(b"first", b"x" * 1001, b"x" * 1000))

    assert (first, last) == (b"first", b"x" * 1000)
    assert isinstance(large, PayloadTooLarge)
    assert PATIENT.decode() not in large.detail


def test_a_zip_may_be_larger_than_a_file() -> None:
    archive = b"PK\x03\x04" + bytes(2000)

    assert received(form(archive)) == [archive]


@pytest.mark.parametrize("name", [b"file", b"Files", b""])
def test_a_field_of_another_name_is_refused(name: bytes) -> None:
    with pytest.raises(InvalidRequest, match="'files'"):
        received(form(b"x", name=name))


def test_more_files_than_images_are_refused_at_once() -> None:
    with pytest.raises(PayloadTooLarge):
        received(form(*[b""] * 5))


def test_more_bytes_than_a_batch_may_have_are_refused() -> None:
    with pytest.raises(PayloadTooLarge):
        received(form(b"PK\x03\x04" + bytes(200_000)))


@pytest.mark.parametrize(
    ("data", "passes"),
    [
        (b"x" * 1000, True),
        (b"x" * 1001, False),
        (b"PK\x03\x04" + bytes(4996), True),
        (b"PK\x03\x04" + bytes(4997), False),
        (b"PK", True),
    ],
)
def test_a_raw_body_may_have_the_bytes_of_an_image_or_as_a_zip_those_of_a_batch(data: bytes, passes: bool) -> None:
    body = RawBatch(LIMITS)

    if passes:
        body.feed(data[:1])
        body.feed(data[1:])
        assert body.finish() == [data]
    else:
        with pytest.raises(PayloadTooLarge):
            body.feed(data)
