"""Names that stand for patients and objects: always the same under one key, and not to be traced back without it."""

import base64
import hashlib
import hmac
from pathlib import Path

from service.errors import SettingsError
from service.reports.uids import uuid_derived_uid

KEY_BYTES = 32
_LETTERS = 16


class Pseudonyms:
    """HMAC-SHA256 (RFC 2104) under a key of at least KEY_BYTES."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def patient(self, issuer: str, patient_id: str) -> str:
        """Return the pseudonym of a patient: `P-` and 16 letters or digits, 80 bits of the hash."""
        return "P-" + base64.b32encode(self._digest("patient", issuer, patient_id)).decode()[:_LETTERS]

    def uid(self, uid: str) -> str:
        """Return the UID that stands for one."""
        return uuid_derived_uid(self._digest("uid", uid))

    def _digest(self, kind: str, *parts: str) -> bytes:
        return hmac.digest(self._key, "\0".join([kind, *parts]).encode(), hashlib.sha256)


def read_key(path: Path, variable: str) -> bytes:
    """Return the key that a file holds; raises SettingsError naming the variable that names the file."""
    remedy = "Make one with: openssl rand -hex 32"
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"{variable}={path}: cannot be read ({error.strerror}). {remedy}") from error
    if len(key) < KEY_BYTES:
        raise SettingsError(f"{variable}={path}: the key has {len(key)} bytes, fewer than {KEY_BYTES}. {remedy}")
    return key
