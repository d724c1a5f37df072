"""API keys, kept as salted SHA-256.

A slow hash protects secrets that people choose. These are 256 random bits, which nobody can guess from a fast one,
and a fast one keeps a flood of wrong keys cheap to refuse.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.errors import SettingsError

VARIABLE = "SERVICE_API_KEYS_FILE"
MIN_LENGTH, MAX_LENGTH = 32, 512
_PREFIX = "bmri_"
_LINE = re.compile(r"([A-Za-z0-9._-]{1,64}):sha256\$([0-9a-f]{32})\$([0-9a-f]{64})")


@dataclass(frozen=True)
class KeyHash:
    """The name of a caller and what is kept of the key."""

    name: str
    salt: bytes
    digest: bytes

    def fits(self, key: bytes) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.digest, _digest(self.salt, key))

    def line(self) -> str:
        """Return the line of the key file."""
        return f"{self.name}:sha256${self.salt.hex()}${self.digest.hex()}"


class ApiKeys:
    """All keys that are accepted; a name may have several, so that a key can be replaced without a gap."""

    def __init__(self, hashes: tuple[KeyHash, ...] = ()) -> None:
        self._hashes = hashes

    def __len__(self) -> int:
        return len(self._hashes)

    def owner(self, key: str) -> str | None:
        """Return whose key this is; each line is compared, whichever of them fits."""
        sent = key.encode()[: MAX_LENGTH + 1]
        owners = [entry.name for entry in self._hashes if entry.fits(sent)]
        return owners[0] if owners else None


def make_key() -> str:
    """Return a new key of 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_key(name: str, key: str) -> KeyHash:
    """Return what is kept of a key; raises SettingsError for a name or a key that cannot be used."""
    if not MIN_LENGTH <= len(key.encode()) <= MAX_LENGTH:
        raise SettingsError(f"the key must have {MIN_LENGTH} to {MAX_LENGTH} characters, all of them random.")
    salt = secrets.token_bytes(16)
    entry = KeyHash(name, salt, _digest(salt, key.encode()))
    if not _LINE.fullmatch(entry.line()):
        raise SettingsError("the name must be 1 to 64 letters, digits, '.', '_' or '-'.")
    return entry


def read_key_file(path: Path) -> ApiKeys:
    """Read `name:hash` lines; empty ones and those that begin with `#` do not count. Raises SettingsError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{VARIABLE}={path}: cannot be read ({cause}).") from error
    return ApiKeys(tuple(_parse(path, text)))


def _parse(path: Path, text: str) -> Iterator[KeyHash]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if not found:  # the line is not quoted: it may be a key itself
            raise SettingsError(
                f"{VARIABLE}={path}: line {number} is not 'name:hash'. Make one with: python -m service hash-key NAME"
            )
        yield KeyHash(found[1], bytes.fromhex(found[2]), bytes.fromhex(found[3]))


def _digest(salt: bytes, key: bytes) -> bytes:
    return hashlib.sha256(salt + key).digest()
