"""Which of the representations on offer a request accepts (RFC 9110 sections 12.4.2 and 12.5.1)."""

from collections.abc import Sequence
from typing import NamedTuple

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers

from service.errors import NotAcceptable


class _Range(NamedTuple):
    kind: str
    subtype: str
    quality: float

    def precision(self, media_type: str) -> int:
        """Return 0 where the range does not cover the type, more for a range that names it more closely."""
        kind, _, subtype = media_type.partition("/")
        if (self.kind, self.subtype) == (kind, subtype):
            return 3
        if (self.kind, self.subtype) == (kind, "*"):
            return 2
        return int((self.kind, self.subtype) == ("*", "*"))


def negotiate(headers: Headers, offers: Sequence[str]) -> str:
    """Return the media type of `offers` that is accepted with the highest quality.

    Of equals that counts which is named more closely, then the first. Parameters other than `q` are not compared, what
    is no media range is passed over, and without `Accept` everything is accepted. Raises NotAcceptable when no offer
    is.
    """
    accept = ",".join(headers.getlist("accept")).strip()
    if not accept:
        return offers[0]
    ranges = [found for part in accept.split(",") if (found := _parse(part))]
    best = max(offers, key=lambda offer: _rank(offer, ranges))
    if _rank(best, ranges)[0] <= 0:
        raise NotAcceptable(f"None of the media types in Accept can be sent. Accept {' or '.join(offers)}.")
    return best


def _parse(text: str) -> _Range | None:
    media_range, options = parse_options_header(text.strip())
    kind, slash, subtype = media_range.decode("latin-1").lower().partition("/")
    try:
        quality = float(options.get(b"q", b"1"))
    except ValueError:
        return None
    return _Range(kind, subtype, quality) if slash and 0 <= quality <= 1 else None


def _rank(offer: str, ranges: Sequence[_Range]) -> tuple[float, int]:
    """Return quality and precision of the closest range; zeros where none covers the offer."""
    closest = max(ranges, key=lambda entry: entry.precision(offer), default=None)
    precision = closest.precision(offer) if closest else 0
    return (closest.quality, precision) if closest and precision else (0.0, 0)
