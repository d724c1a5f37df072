"""Who may ask: API keys and OpenID Connect bearer tokens."""

from service.auth.authenticator import Authenticator, build_authenticator
from service.auth.caller import ANONYMOUS, Caller
from service.auth.open_paths import is_open

__all__ = ["ANONYMOUS", "Authenticator", "Caller", "build_authenticator", "is_open"]
