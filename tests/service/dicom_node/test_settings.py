"""The settings of the node and its file of destinations."""

from pathlib import Path

import pytest

from service.dicom_node.destination_file import DicomDestination, DicomWebDestination, read_destinations
from service.dicom_node.settings import read_node_settings, unknown_node_settings
from service.errors import SettingsError
from service.settings import unknown_settings

REQUIRED = {"destinations": "destinations.toml", "spool": "spool"}
ARCHIVE = """
[[destination]]
name = "pacs"
protocol = "dicom"
host = "pacs.hospital"
port = 104
called_aet = "PACS"
"""


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"spool": None}, "SERVICE_NODE_SPOOL"),
        ({"ae_title": "A TITLE LONGER THAN SIXTEEN"}, "SERVICE_NODE_AE_TITLE"),
        ({"ae_title": "BACK\\SLASH"}, "SERVICE_NODE_AE_TITLE"),
        ({"host": "0.0.0.0"}, "SERVICE_NODE_CALLERS=any"),
        ({"networks": "10.0.0.0/40"}, "SERVICE_NODE_NETWORKS"),
        ({"quiet_s": 0}, "SERVICE_NODE_QUIET_S"),
        ({"max_associations": 0}, "SERVICE_NODE_MAX_ASSOCIATIONS"),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line(changes: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        read_node_settings(**REQUIRED | changes)

    assert "\n" not in str(refused.value)


def test_what_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="SERVICE_NODE_DESTINATIONS is not set; SERVICE_NODE_SPOOL is not set"):
        read_node_settings()


@pytest.mark.parametrize("said", [{"callers": "any"}, {"callers": "MR1, MR2"}, {"networks": "10.1.0.0/16"}])
def test_beyond_loopback_it_is_said_who_may_call(said: dict[str, object]) -> None:
    settings = read_node_settings(**REQUIRED | {"host": "0.0.0.0"} | said)

    assert settings.known_callers == (("MR1", "MR2") if said.get("callers") == "MR1, MR2" else ())


def test_a_misspelt_setting_of_the_node_is_named_by_the_node_alone() -> None:
    environment = {"SERVICE_NODE_QUIET": "3", "SERVICE_NODE_QUIET_S": "3", "SERVICE_PORT": "1"}

    assert unknown_node_settings(environment) == ["SERVICE_NODE_QUIET"]
    assert unknown_settings(environment) == []


def test_destinations_of_both_protocols_are_read(tmp_path: Path) -> None:
    path = tmp_path / "destinations.toml"
    path.write_text(
        ARCHIVE
        + """
[[destination]]
name = "research"
protocol = "dicomweb"
results = ["report"]
pacs.url = "https://research.hospital/dicom-web"
"""
    )

    pacs, research = read_destinations(path)

    assert isinstance(pacs, DicomDestination) and isinstance(research, DicomWebDestination)
    assert (pacs.port, pacs.results, pacs.uses_tls) == (104, ("report", "secondary-capture"), False)
    assert (research.pacs.url, research.results) == ("https://research.hospital/dicom-web", ("report",))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "destination: Field required"),
        ("destination = []", "destination"),
        ("[[destination", "no TOML"),
        (ARCHIVE + ARCHIVE, "'pacs' stands twice"),
        (ARCHIVE.replace("104", "0"), "destination.0.dicom.port"),
        (ARCHIVE.replace('"pacs"', '"../pacs"'), "destination.0.dicom.name"),
        (ARCHIVE + 'colour = "red"', "destination.0.dicom.colour"),
        (ARCHIVE.replace('"dicom"', '"ftp"'), "destination.0"),
    ],
)
def test_a_file_of_destinations_that_is_wrong_is_named_with_its_key(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "destinations.toml"
    path.write_text(text)

    with pytest.raises(SettingsError) as refused:
        read_destinations(path)

    assert named in str(refused.value) and str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_destinations(tmp_path / "none.toml")
