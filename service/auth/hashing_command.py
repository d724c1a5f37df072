"""`python -m service hash-key NAME >> keys`: the line goes to standard output, a new key to standard error."""

import sys
from typing import TextIO

from service.auth.api_keys import hash_key, make_key


def print_key_hash(name: str, source: TextIO | None) -> int:
    """Print the line of the key file for a new key, or for the one that `source` holds; raises SettingsError."""
    key = source.readline().strip() if source else make_key()
    line = hash_key(name, key).line()
    if source is None:
        sys.stderr.write(f"{key}\nThis is the key of '{name}'; it cannot be shown again.\n")
    sys.stdout.write(f"{line}\n")
    return 0
