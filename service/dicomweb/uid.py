"""UIDs as parts of addresses: they come from callers and from archives, and are digits and dots only."""

import re

UID_PATTERN = r"^[0-9]+(\.[0-9]+)*$"
MAX_LENGTH = 64
"""DICOM PS3.5 section 9.1. Leading zeros, which it forbids, occur and are no danger."""


def is_uid(text: str) -> bool:
    """Return whether a text may stand in an address as a UID."""
    return len(text) <= MAX_LENGTH and re.fullmatch(UID_PATTERN, text) is not None
