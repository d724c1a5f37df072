"""Who asks, as it may stand in the audit log."""

import hashlib
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Caller:
    """The holder of a key (`name` as the key file has it) or of a token (`name` as `pseudonym` makes it)."""

    kind: Literal["key", "token", "anonymous"]
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


ANONYMOUS = Caller("anonymous")


def pseudonym(issuer: str, subject: str) -> str:
    """Return the first 32 hex digits of SHA-256(issuer, newline, subject): a subject may be a person's name."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:32]
