"""The compose file knows every setting of the service."""

import re
from pathlib import Path

from service.settings import Settings, variable

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"
OF_THE_IMAGE = {"model_path", "host", "port"}
FILES = {"api_keys_file", "tls_cert", "tls_key", "tls_client_ca"}
"""Another compose file mounts the file and names it."""


def test_it_passes_on_every_setting_that_is_not_fixed_by_the_image() -> None:
    passed_on = set(re.findall(r"^ +- (SERVICE_\w+)(?:=\$\{\1:-\w+\})?$", COMPOSE_FILE.read_text(), re.MULTILINE))

    assert passed_on == {variable(name) for name in Settings.model_fields.keys() - OF_THE_IMAGE - FILES}


def test_it_publishes_to_this_machine_only_while_it_serves_everybody() -> None:
    text = COMPOSE_FILE.read_text()

    assert "SERVICE_AUTH=${SERVICE_AUTH:-none}" in text
    assert '"${PUBLISH_ON:-127.0.0.1}:${SERVICE_PORT:-8000}:8000"' in text
