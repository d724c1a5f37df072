"""End-to-end tests talk to peers: programs outside this project, such as a Docker engine."""

import os
from typing import NoReturn

import pytest


def peer_missing(reason: str) -> NoReturn:
    """Skip the test; fail it where the machine has promised its peers (`REQUIRE_PEERS=1`, as .ci/run sets it)."""
    if os.environ.get("REQUIRE_PEERS") == "1":
        pytest.fail(f"REQUIRE_PEERS=1, but {reason}", pytrace=False)
    pytest.skip(reason)
