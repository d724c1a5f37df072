"""UIDs of results: the same input and the same model give the same object, however often it is made."""

import hashlib
import uuid
from collections.abc import Iterable


def result_uid(kind: str, model_sha256: str, sources: Iterable[str]) -> str:
    """Return the UID of what is reported (`kind`), by which model, about which UIDs."""
    return uuid_derived_uid(hashlib.sha256("\n".join([kind, model_sha256, *sorted(sources)]).encode()).digest())


def uuid_derived_uid(digest: bytes) -> str:
    """Return a UUID-derived UID (DICOM PS3.5 annex B.2) of 122 bits of a hash, a UUID of version 8 (RFC 9562)."""
    number = int.from_bytes(digest[:16], "big")
    number = number & ~(0xF << 76) | 8 << 76
    number = number & ~(0x3 << 62) | 2 << 62
    return f"2.25.{uuid.UUID(int=number).int}"
