"""Programs outside this project that tests talk to, such as a Docker engine, a browser, curl or openssl."""

import os
import shutil
from typing import NoReturn

import pytest


def peer_missing(reason: str) -> NoReturn:
    """Skip the test; fail it where the machine has promised its peers (`REQUIRE_PEERS=1`, as .ci/run sets it)."""
    if os.environ.get("REQUIRE_PEERS") == "1":
        pytest.fail(f"REQUIRE_PEERS=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def need(program: str) -> None:
    """Skip or fail the test where there is no such program."""
    if shutil.which(program) is None:
        peer_missing(f"{program} is not installed")
