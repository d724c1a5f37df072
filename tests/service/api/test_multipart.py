import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.multipart import MultipartBody, boundary_of
from service.errors import InvalidRequest, MalformedRequest, PayloadTooLarge, ProblemError

BOUNDARY = b"limit"


def form(content: bytes, name: bytes = b"file", extra: bytes = b"") -> bytes:
    head = b'--limit\r\nContent-Disposition: form-data; name="%b"; filename="DOE^JANE.png"\r\n%b\r\n' % (name, extra)
    return head + content + b"\r\n--limit--\r\n"


def receive(body: bytes, cuts: list[int], max_bytes: int = 10_000) -> bytes:
    receiver = MultipartBody(BOUNDARY, max_bytes)
    ends = sorted({min(cut, len(body)) for cut in cuts} | {len(body)})
    for start, end in zip([0, *ends], ends, strict=False):
        receiver.feed(body[start:end])
    return receiver.finish()


@given(content=st.binary(max_size=300), cuts=st.lists(st.integers(0, 500), max_size=8))
def test_any_content_arrives_unchanged_however_the_body_is_cut(content: bytes, cuts: list[int]) -> None:
    if b"\r\n--limit" not in b"\r\n" + content:
        assert receive(form(content), cuts) == content


@given(body=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=4))
def test_any_nonsense_is_a_problem_of_the_client(body: bytes, cuts: list[int]) -> None:
    with pytest.raises(ProblemError):
        receive(body, cuts)


def test_headers_other_than_the_disposition_do_not_matter() -> None:
    body = form(b"content", extra=b"Content-Type: image/png\r\nX-Patient: DOE\r\n")

    assert receive(body, []) == b"content"


@pytest.mark.parametrize("name", [b"image", b"", b"FILE", b"file\\"])
def test_a_field_of_another_name_is_refused(name: bytes) -> None:
    with pytest.raises(InvalidRequest):
        receive(form(b"content", name), [])


def test_the_limit_is_that_of_the_file_not_of_its_framing() -> None:
    assert receive(form(b"x" * 100), [], max_bytes=100) == b"x" * 100
    with pytest.raises(PayloadTooLarge):
        receive(form(b"x" * 101), [], max_bytes=100)


def test_framing_without_end_is_too_large_as_well() -> None:
    with pytest.raises(PayloadTooLarge):
        receive(b"--limit\r\n" + b"\r\n" * 40_000, [], max_bytes=100)


def test_what_follows_the_closing_boundary_is_ignored() -> None:
    assert receive(form(b"content") + b"epilogue", []) == b"content"


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data;"]
)
def test_a_boundary_is_needed(content_type: str) -> None:
    with pytest.raises(MalformedRequest):
        boundary_of(content_type)


def test_a_boundary_may_be_quoted() -> None:
    assert boundary_of('multipart/form-data; charset=utf-8; boundary="limit"') == BOUNDARY
