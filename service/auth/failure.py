"""Why a credential was not accepted: told to the operator's metrics and log, never to who sent it."""

from typing import Literal

Reason = Literal[
    "missing",
    "unknown-key",
    "malformed-token",
    "algorithm",
    "unknown-key-id",
    "signature",
    "expired",
    "not-yet-valid",
    "audience",
    "issuer",
    "claims",
]


class AuthFailure(Exception):
    """A credential is missing or not accepted."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
