"""Bearer tokens of an OpenID Connect issuer: JWTs (RFC 7519) under an asymmetric signature."""

from dataclasses import dataclass
from typing import Any

import jwt
from jwt.exceptions import InvalidSubjectError

from service.auth.caller import Caller, pseudonym
from service.auth.failure import AuthFailure, Reason
from service.auth.jwks import Jwk, KeySet
from service.errors import Forbidden

LEEWAY_S = 30
_KEY_TYPES = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not-yet-valid"),
    (jwt.InvalidAudienceError, "audience"),
    (jwt.InvalidIssuerError, "issuer"),
    (jwt.InvalidAlgorithmError, "algorithm"),
    (jwt.InvalidSignatureError, "signature"),
    (jwt.MissingRequiredClaimError, "claims"),
    (InvalidSubjectError, "claims"),
    (jwt.InvalidIssuedAtError, "claims"),
)


@dataclass(frozen=True)
class TokenRules:
    """What a token must say; an empty `scope` asks for none."""

    issuer: str
    audience: str
    scope: str = ""


class TokenVerifier:
    """Accepts tokens that one issuer signed for this service."""

    def __init__(self, rules: TokenRules, keys: KeySet) -> None:
        self._rules = rules
        self._keys = keys

    async def verify(self, token: str) -> Caller:
        """Return who holds the token; raises AuthFailure, Forbidden or IssuerUnavailable."""
        header = _header(token)
        algorithm = header.get("alg")
        if algorithm not in _KEY_TYPES:
            raise AuthFailure("algorithm")
        key = await self._keys.key(header.get("kid"))
        claims = self._decode(token, key, algorithm)
        if not claims["sub"]:
            raise AuthFailure("claims")
        self._check_scope(claims)
        return Caller("token", pseudonym(self._rules.issuer, claims["sub"]))

    def _decode(self, token: str, key: Jwk, algorithm: str) -> dict[str, Any]:
        if key["kty"] != _KEY_TYPES[algorithm] or key.get("alg", algorithm) != algorithm:
            raise AuthFailure("algorithm")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                jwt.PyJWK(dict(key), algorithm),
                algorithms=[algorithm],
                issuer=self._rules.issuer,
                audience=self._rules.audience,
                leeway=LEEWAY_S,
                options={"require": _REQUIRED},
            )
        except (jwt.PyJWTError, ArithmeticError, TypeError, ValueError) as error:  # odd claims, too
            raise AuthFailure(_reason(error)) from error
        return claims

    def _check_scope(self, claims: dict[str, Any]) -> None:
        """`scope` is a list in one string (RFC 8693 section 4.2); some issuers call it `scp`, or write a list."""
        granted = claims.get("scope", claims.get("scp", ""))
        scopes = granted.split() if isinstance(granted, str) else granted
        if self._rules.scope and not (isinstance(scopes, list) and self._rules.scope in scopes):
            raise Forbidden("The token does not grant the use of this service. Ask its administrator for the scope.")


def _header(token: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise AuthFailure("malformed-token") from error
    if not (isinstance(header.get("alg"), str) and isinstance(header.get("kid", ""), str)):
        raise AuthFailure("malformed-token")
    return header


def _reason(error: Exception) -> Reason:
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "malformed-token")
