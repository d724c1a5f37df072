"""What a request shows of its caller."""

from dataclasses import dataclass

from starlette.datastructures import Headers

from service.auth.failure import AuthFailure

API_KEY_HEADER = "X-API-Key"
_MAX_LENGTH = 16 * 1024


@dataclass(frozen=True)
class Credential:
    """A secret, and whether it may be a token: `Authorization: Bearer` may, `X-API-Key` may not."""

    secret: str
    may_be_token: bool

    @property
    def looks_like_token(self) -> bool:
        """Whether it has the form of a signed JWT (RFC 7515 section 7.1)."""
        return self.may_be_token and self.secret.count(".") == 2


def credential_of(headers: Headers) -> Credential:
    """Return the bearer token or, without one, the API key; raises AuthFailure when there is neither."""
    scheme, _, bearer = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return Credential(bearer.strip()[:_MAX_LENGTH], may_be_token=True)
    if key := headers.get(API_KEY_HEADER, "").strip():
        return Credential(key[:_MAX_LENGTH], may_be_token=False)
    raise AuthFailure("missing")
