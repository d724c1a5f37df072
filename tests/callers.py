"""API keys of a service under test."""

from pathlib import Path

from service.auth.api_keys import hash_key, make_key


def write_keys(path: Path, *names: str) -> dict[str, str]:
    """Write a key file with a new key for each name; return the keys."""
    keys = {name: make_key() for name in names}
    path.write_text("".join(f"{hash_key(name, key).line()}\n" for name, key in keys.items()))
    return keys
