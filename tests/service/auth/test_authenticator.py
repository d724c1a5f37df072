import pytest

from service.auth.authenticator import auth_required, build_authenticator
from service.errors import SettingsError
from service.metrics import Metrics
from service.settings import Settings

KEYS = {"api_keys_file": "keys"}
TOKENS = {"oidc_issuer": "https://issuer.test"}


@pytest.mark.parametrize(
    ("changes", "required"),
    [
        ({}, False),
        ({"host": "127.0.0.1"}, False),
        ({"host": "127.1.2.3"}, False),
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "::"}, True),
        ({"host": "10.0.0.7"}, True),
        ({"host": "scanner.hospital.test"}, True),
        (KEYS, True),
        (TOKENS, True),
        ({"auth": "none", "host": "0.0.0.0"}, False),
        ({"auth": "none", **KEYS}, False),
        ({"auth": "required"}, True),
    ],
    ids=str,
)
def test_callers_are_asked_for_where_others_can_reach_the_port(changes: dict[str, str], required: bool) -> None:
    assert auth_required(Settings(**changes)) is required


@pytest.mark.parametrize("named", [KEYS, TOKENS], ids=str)
def test_callers_that_are_named_and_not_asked_for_are_a_mistake(named: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="SERVICE_AUTH=none lets everybody in, yet keys or an issuer are set"):
        build_authenticator(Settings(auth="none", **named), Metrics())
