"""What something of a patient is called in logs and names of files: lines about it can be told to belong together."""

import hashlib

KEY_LENGTH = 32


def uid_key(*uids: str) -> str:
    """Return a hash of UIDs."""
    return hashlib.sha256("\n".join(uids).encode()).hexdigest()[:KEY_LENGTH]
