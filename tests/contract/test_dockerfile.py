"""The Dockerfile's stages."""

import re
from pathlib import Path

DOCKERFILE = Path(__file__).parents[2] / "Dockerfile"


def test_without_a_target_it_makes_the_service() -> None:
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)

    assert {"service", "trainer"} <= {name for _, name in stages}
    assert stages[-1] == ("service", "")
