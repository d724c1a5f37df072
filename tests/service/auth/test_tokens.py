"""Tokens, as a caller with a real issuer meets them."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.utils import base64url_encode

from service.auth import jwks
from service.auth.failure import AuthFailure
from service.auth.tokens import TokenRules, TokenVerifier
from service.errors import Forbidden
from tests.issuer import AUDIENCE, ISSUER, Issuer, running_issuer
from tests.scraping import scrape
from tests.serving import serve, settings_for

NOW = int(time.time())


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def client(issuer: Issuer, model_path: Path) -> Iterator[httpx.Client]:
    with serve(settings_for(model_path, **issuer.settings())) as (client, _):
        yield client


def ask(client: httpx.Client, token: str) -> httpx.Response:
    return client.get("/model", headers={"Authorization": f"Bearer {token}"})


def unsigned(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims(), None, "none", {"kid": issuer.key_id})  # type: ignore[arg-type]


def signed_with_the_public_key(issuer: Issuer) -> str:
    """The classic confusion: the published key taken for a shared secret."""
    public = issuer.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hmac_token(issuer, public)


def hmac_token(issuer: Issuer, secret: bytes) -> str:
    header = {"alg": "HS256", "typ": "JWT", "kid": issuer.key_id}
    parts = [base64url_encode(json.dumps(part).encode()) for part in (header, issuer.claims())]
    signature = hmac.new(secret, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64url_encode(signature)]).decode()


def tampered(issuer: Issuer) -> str:
    head, body, signature = issuer.token().split(".")
    other = issuer.token(sub="u-2").split(".")[1]
    assert other != body
    return f"{head}.{other}.{signature}"


STRANGER, STRANGER_EC = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())

BAD: dict[str, tuple[Callable[[Issuer], str], str]] = {
    "expired": (lambda i: i.token(exp=NOW - 60), "expired"),
    "not yet valid": (lambda i: i.token(nbf=NOW + 3600), "not-yet-valid"),
    "issued in the future": (lambda i: i.token(iat=NOW + 3600), "not-yet-valid"),
    "wrong audience": (lambda i: i.token(aud="another-service"), "audience"),
    "wrong issuer": (lambda i: i.token(iss="https://elsewhere.test"), "issuer"),
    "no expiry": (lambda i: i.token(exp=None), "claims"),
    "no audience": (lambda i: i.token(aud=None), "claims"),
    "no subject": (lambda i: i.token(sub=None), "claims"),
    "empty subject": (lambda i: i.token(sub=""), "claims"),
    "alg none": (unsigned, "algorithm"),
    "HS256 under the public key": (signed_with_the_public_key, "algorithm"),
    "HS256 under an empty key": (lambda i: hmac_token(i, b""), "algorithm"),
    "another algorithm family": (lambda i: i.token(key=STRANGER_EC, algorithm="ES256"), "algorithm"),
    "another key under the same id": (lambda i: i.token(key=STRANGER), "signature"),
    "unknown key id": (lambda i: i.token(key=STRANGER, headers={"kid": "nobody"}), "unknown-key-id"),
    "tampered": (tampered, "signature"),
    "signature cut off": (lambda i: i.token().rpartition(".")[0] + ".", "signature"),
    "not a token": (lambda i: "a.b.c", "malformed-token"),
    "not base64": (lambda i: "é.!.%", "malformed-token"),
}


def test_a_good_token_opens(client: httpx.Client, issuer: Issuer) -> None:
    assert ask(client, issuer.token()).status_code == 200


def test_clocks_may_differ_a_little(client: httpx.Client, issuer: Issuer) -> None:
    now = int(time.time())

    assert ask(client, issuer.token(exp=now - 5)).status_code == 200
    assert ask(client, issuer.token(nbf=now + 5, iat=now + 5)).status_code == 200


@pytest.mark.parametrize(("make", "reason"), BAD.values(), ids=BAD)
def test_a_bad_token_is_refused_the_same_way_whatever_is_wrong(
    client: httpx.Client, issuer: Issuer, make: Callable[[Issuer], str], reason: str
) -> None:
    before = scrape_with(client, issuer, reason)

    answer = client.get("/model", headers={"Authorization": f"Bearer {make(issuer)}".encode()})

    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="brain-mri", error="invalid_token"'
    assert answer.json() == {
        "type": "/problems/unauthenticated",
        "title": "Not authenticated",
        "status": 401,
        "detail": "The API key or token is not accepted. Ask the operator of the service for a new one.",
        "request_id": answer.headers["X-Request-ID"],
    }
    assert scrape_with(client, issuer, reason) == before + 1


def scrape_with(client: httpx.Client, issuer: Issuer, reason: str) -> float:
    with httpx.Client(base_url=client.base_url, headers={"Authorization": f"Bearer {issuer.token()}"}) as known:
        return scrape(known, "brain_mri_auth_failures_total", reason=reason)


def test_a_scope_can_be_asked_for(issuer: Issuer, model_path: Path) -> None:
    with serve(settings_for(model_path, **issuer.settings(oidc_scope="mri.classify"))) as (client, _):
        without = ask(client, issuer.token(scope="openid profile"))

        assert (without.status_code, without.json()["type"]) == (403, "/problems/forbidden")
        assert ask(client, issuer.token(scope="openid mri.classify")).status_code == 200
        assert ask(client, issuer.token(scp=["mri.classify"])).status_code == 200


def test_strangers_do_not_drive_the_fetching(issuer: Issuer, model_path: Path) -> None:
    with serve(settings_for(model_path, **issuer.settings())) as (client, _):
        issuer.fetches = 0
        for number in range(20):
            ask(client, issuer.token(key=STRANGER, headers={"kid": f"guess-{number}"}))

    assert issuer.fetches == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True)
HEADERS = st.fixed_dictionaries(
    {"alg": st.sampled_from(["RS256", "ES256", "HS256", "none"]) | JSON},
    optional={"kid": st.just("first") | JSON, "typ": JSON, "crit": JSON, "b64": JSON, "jwk": JSON, "x5u": JSON},
)
CLAIMS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("iss", "aud", "sub", "exp", "iat", "nbf", "jti", "scope"), JSON)
)


@SETTINGS
@given(HEADERS, CLAIMS, st.binary(max_size=300))
def test_no_token_is_an_error_of_the_service(
    issuer: Issuer, header: dict[str, Any], claims: dict[str, Any], signature: bytes
) -> None:
    token = b".".join(base64url_encode(json.dumps(part).encode()) for part in (header, claims))
    verify_in_vain(issuer, (token + b"." + base64url_encode(signature)).decode())


@SETTINGS
@given(st.text(max_size=60))
def test_no_text_is_an_error_of_the_service(issuer: Issuer, text: str) -> None:
    verify_in_vain(issuer, text)


@SETTINGS
@given(CLAIMS)
def test_no_claims_that_the_issuer_signed_are_an_error_of_the_service(issuer: Issuer, claims: dict[str, Any]) -> None:
    head, _, _ = issuer.token().split(".")
    body = base64url_encode(json.dumps({**issuer.claims(), **claims}).encode()).decode()
    signature = issuer.private.sign(f"{head}.{body}".encode(), PKCS1v15(), SHA256())

    verify_in_vain(issuer, f"{head}.{body}.{base64url_encode(signature).decode()}", fine=not claims)


def verify_in_vain(issuer: Issuer, token: str, fine: bool = False) -> None:
    """Verify with the issuer's keys at hand; what is not accepted must be said so, and in no other way."""
    verifier = TokenVerifier(
        TokenRules(ISSUER, AUDIENCE, "mri" if not fine else ""),
        jwks.KeySet("unused", lambda outcome: None, lambda url: [issuer.jwk]),
    )
    if fine:
        assert asyncio.run(verifier.verify(token)).kind == "token"
        return
    with pytest.raises((AuthFailure, Forbidden)):
        asyncio.run(verifier.verify(token))


@pytest.fixture
def own() -> Iterator[Issuer]:
    """An issuer that a test may break."""
    with running_issuer() as issuer:
        yield issuer


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_a_new_key_of_the_issuer_is_fetched_and_the_old_one_is_gone(
    own: Issuer, model_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(jwks, "COOL_DOWN_S", 0.0)
    with serve(settings_for(model_path, **own.settings())) as (client, _):
        old = own.token()
        assert ask(client, old).status_code == 200

        own.rotate("second", kind)

        assert ask(client, own.token()).status_code == 200
        assert ask(client, old).status_code == 401


def test_while_the_issuer_is_down_its_known_keys_serve(
    own: Issuer, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(settings_for(model_path, **own.settings())) as (client, _):
        assert ask(client, own.token()).status_code == 200
        own.down = True
        monkeypatch.setattr(jwks, "TTL_S", 0.0)
        monkeypatch.setattr(jwks, "COOL_DOWN_S", 0.0)

        assert ask(client, own.token()).status_code == 200

        monkeypatch.setattr(jwks, "STALE_S", 0.0)
        assert ask(client, own.token()).status_code == 503


def test_an_issuer_that_was_never_reached_is_a_503_that_names_the_cause(own: Issuer, model_path: Path) -> None:
    own.down = True
    with serve(settings_for(model_path, **own.settings())) as (client, _):
        answer = ask(client, own.token())

        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/issuer-unavailable")
        assert answer.headers["Retry-After"] == "10"
        assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("keys", "known"),
    [
        ([{"kty": "RSA", "kid": "a"}], {"a", None}),
        ([{"kty": "RSA", "kid": "a"}, {"kty": "EC", "kid": "b"}], {"a", "b"}),
        ([{"kty": "oct", "kid": "a"}, {"kty": "RSA", "kid": "b", "use": "enc"}], set()),
        ([{"kty": "RSA"}], {None}),
    ],
)
def test_only_public_keys_for_signatures_are_taken(keys: list[dict[str, Any]], known: set[str | None]) -> None:
    assert set(jwks.index(keys)) == known
