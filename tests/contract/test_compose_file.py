"""The compose file knows every setting of the service."""

import re
from pathlib import Path

from service.settings import Settings, variable

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"
OF_THE_IMAGE = {"model_path", "host", "port"}


def test_it_passes_on_every_setting_that_is_not_fixed_by_the_image() -> None:
    passed_on = set(re.findall(r"^ +- (SERVICE_\w+)$", COMPOSE_FILE.read_text(), re.MULTILINE))

    assert passed_on == {variable(name) for name in Settings.model_fields.keys() - OF_THE_IMAGE}
