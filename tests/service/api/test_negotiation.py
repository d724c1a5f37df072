"""Which representation an Accept header chooses."""

import pytest
from starlette.datastructures import Headers

from service.api.negotiation import negotiate
from service.errors import NotAcceptable

JSON, PNG = "application/json", "image/png"
CHOSEN = [
    (None, JSON),
    ("", JSON),
    ("*/*", JSON),
    ("application/json", JSON),
    ("image/png", PNG),
    ("IMAGE/PNG", PNG),
    ("image/*", PNG),
    ("image/png, */*", PNG),  # both at 1: the one that is named
    ("image/*, */*", PNG),
    ("image/png, application/json", JSON),  # both named: the first offer
    ("image/png, */*;q=0.9", PNG),
    ("image/png;q=0.4, application/json;q=0.5", JSON),
    ("image/png; q=0.5, application/json; q=0.4", PNG),
    ("application/json;q=0, */*", PNG),  # the closer range decides
    ("image/*;q=0.2, image/png;q=0.9, application/json;q=0.5", PNG),
    ("text/html,application/xhtml+xml,image/avif,image/webp,*/*;q=0.8", JSON),
    ("nonsense, image/png", PNG),
    ("image/png;q=high, application/json;q=0.1", JSON),
    ("application/json;charset=utf-8", JSON),
]
REFUSED = [
    "text/html",
    "image/jpeg",
    "application/json;q=0",
    "nonsense",
    "image/png;q=2",
    "*/png",
    "application/problem+json",
]


@pytest.mark.parametrize(("accept", "expected"), CHOSEN)
def test_the_best_accepted_offer_is_chosen(accept: str | None, expected: str) -> None:
    headers = Headers({} if accept is None else {"accept": accept})

    assert negotiate(headers, (JSON, PNG)) == expected


@pytest.mark.parametrize("accept", REFUSED)
def test_where_no_offer_is_accepted_the_offers_are_named(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="application/json or image/png"):
        negotiate(Headers({"accept": accept}), (JSON, PNG))


def test_several_header_lines_are_one_list() -> None:
    headers = Headers(raw=[(b"accept", b"image/png;q=0.3"), (b"accept", b"application/json;q=0.2")])

    assert negotiate(headers, (JSON, PNG)) == PNG
