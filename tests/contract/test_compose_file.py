"""The compose file knows every setting of the service and of the node."""

import re
from pathlib import Path

from service.dicom_node.settings import NodeSettings
from service.settings import NODE_PREFIX, Settings, variable

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"
OF_THE_IMAGE = {"model_path", "host", "port"}
FILES = {"api_keys_file", "tls_cert", "tls_key", "tls_client_ca"} | {
    f"dicomweb_{name}" for name in ("url", "password_file", "token_file", "ca", "cert", "key", "selection")
}
"""Another compose file mounts the file and names it, and the archive that needs another image."""
OF_THE_NODE = {"host", "port", "http_host", "http_port", "spool", "destinations"}
NODE_FILES = {"tls_cert", "tls_key", "tls_client_ca", "selection", "pseudonym_key_file"}


def passed_on(service: str) -> set[str]:
    """Return the variables that a service is given as they are on the host."""
    own = COMPOSE_FILE.read_text().partition(f"\n  {service}:\n")[2]
    own = re.split(r"^  \w+:$|^\w", own, maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^ +- (SERVICE_\w+)(?:=\$\{\1:-\w+\})?$", own, re.MULTILINE))


def test_it_passes_on_every_setting_that_is_not_fixed_by_the_image() -> None:
    assert passed_on("service") == {variable(name) for name in Settings.model_fields.keys() - OF_THE_IMAGE - FILES}


def test_it_passes_on_every_setting_of_the_node_that_it_does_not_fix() -> None:
    passed = {name for name in passed_on("node") if name.startswith(NODE_PREFIX)}

    assert passed == {
        NODE_PREFIX + name.upper() for name in NodeSettings.model_fields.keys() - OF_THE_NODE - NODE_FILES
    }


def test_it_publishes_to_this_machine_only_while_it_serves_everybody() -> None:
    text = COMPOSE_FILE.read_text()

    assert "SERVICE_AUTH=${SERVICE_AUTH:-none}" in text
    assert '"${PUBLISH_ON:-127.0.0.1}:${SERVICE_PORT:-8000}:8000"' in text
