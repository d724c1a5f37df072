"""Decide who asks, by the settings of the service."""

import ipaddress
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from service.auth.api_keys import ApiKeys, read_key_file
from service.auth.caller import ANONYMOUS, Caller
from service.auth.credentials import Credential, credential_of
from service.auth.failure import AuthFailure
from service.errors import SettingsError, Unauthenticated
from service.settings import Settings

if TYPE_CHECKING:
    from service.auth.tokens import TokenVerifier

_LOG = logging.getLogger("service.auth")
_REALM = 'Bearer realm="brain-mri"'
_MISSING = "This path needs an API key or a token. Send it as 'Authorization: Bearer ...', or a key as 'X-API-Key'."
_REFUSED = "The API key or token is not accepted. Ask the operator of the service for a new one."


class AuthFigures(Protocol):
    """What is counted."""

    def auth_failure(self, reason: str) -> None:
        """A request was not accepted."""

    def jwks_fetch(self, outcome: str) -> None:
        """The issuer's keys were asked for."""


class Authenticator:
    """Knows the callers; with `required` false it lets everybody in as nobody in particular."""

    def __init__(
        self, required: bool, load_keys: Callable[[], ApiKeys], tokens: "TokenVerifier | None", figures: AuthFigures
    ) -> None:
        self.required = required
        self._load_keys = load_keys
        self._keys = load_keys()
        self._tokens = tokens
        self._figures = figures

    def reload(self) -> None:
        """Read the key file again: what is no longer in it is revoked. Raises SettingsError and keeps the old keys."""
        self._keys = self._load_keys()

    async def authenticate(self, headers: Headers) -> Caller:
        """Return who asks; raises Unauthenticated, Forbidden or IssuerUnavailable."""
        if not self.required:
            return ANONYMOUS
        try:
            return await self._identify(credential_of(headers))
        except AuthFailure as failure:
            self._figures.auth_failure(failure.reason)
            _LOG.info("not authenticated", extra={"reason": failure.reason})
            raise _unauthenticated(failure) from None

    async def _identify(self, credential: Credential) -> Caller:
        if self._tokens and credential.looks_like_token:
            return await self._tokens.verify(credential.secret)
        owner = self._keys.owner(credential.secret)
        if owner is None:
            raise AuthFailure("unknown-key")
        return Caller("key", owner)


def build_authenticator(settings: Settings, figures: AuthFigures) -> Authenticator:
    """Make the authenticator; raises SettingsError when who may enter cannot be said or read."""
    path = settings.api_keys_file
    required = auth_required(settings)
    if required and not (path or settings.oidc_issuer):
        raise SettingsError(
            f"nobody could be let in: listening on SERVICE_HOST={settings.host} needs SERVICE_API_KEYS_FILE or "
            "SERVICE_OIDC_ISSUER; SERVICE_AUTH=none serves everybody who can reach the port."
        )
    if not required and (path or settings.oidc_issuer):
        raise SettingsError(
            "SERVICE_AUTH=none lets everybody in, yet keys or an issuer are set. Set SERVICE_AUTH=required, or "
            "unset them."
        )
    tokens = _token_verifier(settings, figures) if settings.oidc_issuer else None
    return Authenticator(required, lambda: read_key_file(path) if path else ApiKeys(), tokens, figures)


def auth_required(settings: Settings) -> bool:
    """What `SERVICE_AUTH` says; unset: required where others can reach the port, or where callers are named."""
    if settings.auth is not None:
        return settings.auth == "required"
    return not is_loopback(settings.host) or bool(settings.api_keys_file or settings.oidc_issuer)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _token_verifier(settings: Settings, figures: AuthFigures) -> "TokenVerifier":
    from service.auth.jwks import KeySet
    from service.auth.tokens import TokenRules, TokenVerifier

    if not (settings.oidc_audience and settings.oidc_jwks_url):
        raise SettingsError("SERVICE_OIDC_ISSUER needs SERVICE_OIDC_AUDIENCE and SERVICE_OIDC_JWKS_URL beside it.")
    url = urlsplit(settings.oidc_jwks_url)
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
        raise SettingsError("SERVICE_OIDC_JWKS_URL must begin with https://; anybody could swap the keys otherwise.")
    rules = TokenRules(settings.oidc_issuer, settings.oidc_audience, settings.oidc_scope)
    return TokenVerifier(rules, KeySet(settings.oidc_jwks_url, figures.jwks_fetch))


def _unauthenticated(failure: AuthFailure) -> Unauthenticated:
    """RFC 6750 section 3: no error code where nothing was sent. All that was sent and refused gets the same answer."""
    if failure.reason == "missing":
        return Unauthenticated(_MISSING, headers={"WWW-Authenticate": _REALM})
    return Unauthenticated(_REFUSED, headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'})
