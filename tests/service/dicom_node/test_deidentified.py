"""A destination of research gets the results without identity, beside an archive that gets them as they are."""

from pathlib import Path

import pytest

from service.classifier import Classifier
from service.dicom_node.node import Node
from service.errors import SettingsError
from service.reports.written import written
from service.settings import Settings
from tests.service.dicom_node.archive import Archive, archive
from tests.service.dicom_node.nodes import image, node_settings, running_node, said, send
from tests.service.dicom_node.test_privacy import IDENTITY, SECRETS
from tests.serving import wait_until

DESTINATION = """[[destination]]
name = "{name}"
protocol = "dicom"
host = "127.0.0.1"
port = {port}
called_aet = "ARCHIVE"
{more}
"""


def destinations(folder: Path, clinic: int, research: int) -> Path:
    """Write the file of an archive of the clinic and one of research."""
    path = folder / "both.toml"
    path.write_text(
        DESTINATION.format(name="clinic", port=clinic, more="")
        + DESTINATION.format(name="research", port=research, more="deidentified = true")
    )
    return path


def both(folder: Path, clinic: Archive, research: Archive) -> dict[str, Path]:
    """Return the settings of a node that sends to both, with a key."""
    key = folder / "key"
    key.write_text("0123456789abcdef" * 4)
    return {"destinations": destinations(folder, clinic.port, research.port), "pseudonym_key_file": key}


def files_of(pacs: Archive) -> bytes:
    return b"".join(written(one) for one in pacs.taken.values())


def test_each_archive_gets_what_it_may_have(tmp_path: Path, model_path: Path) -> None:
    files = [image(number, "patient", **IDENTITY) for number in range(3)]
    with archive() as clinic, archive() as research:
        changes = both(tmp_path, clinic, research)
        with running_node(tmp_path, clinic.port, model_path, **changes) as node:
            send(node.port, files)
            wait_until(lambda: len(clinic.taken) == len(research.taken) == 4)

    assert str(clinic.reports[0].PatientName) == "Lovelace^Ada"
    for secret in (*SECRETS, str(clinic.reports[0].StudyInstanceUID), str(clinic.reports[0].SOPInstanceUID)):
        assert secret.encode() in files_of(clinic)
        assert secret.encode() not in files_of(research)
    assert "3 of 3 images answered" in said(research.reports[0])
    assert {one.PatientID for one in research.taken.values()} == {str(research.reports[0].PatientName)}


def test_a_late_image_and_a_restart_keep_the_pseudonyms(tmp_path: Path, model_path: Path) -> None:
    with archive() as clinic, archive() as research:
        changes = both(tmp_path, clinic, research)
        with running_node(tmp_path, clinic.port, model_path, **changes) as node:
            send(node.port, [image(0)])
            wait_until(lambda: len(research.reports) == 1)
        with running_node(tmp_path, clinic.port, model_path, **changes) as node:
            send(node.port, [image(1)])
            wait_until(lambda: max(research.times.values(), default=0) == 2)

    assert len(research.reports) == 1
    assert "2 of 2 images answered" in said(research.reports[0])


def test_a_source_with_burnt_in_text_sends_its_report_alone(tmp_path: Path, model_path: Path) -> None:
    with archive() as clinic, archive() as research:
        changes = both(tmp_path, clinic, research)
        with running_node(tmp_path, clinic.port, model_path, **changes) as node:
            send(node.port, [image(0, BurnedInAnnotation="YES")])
            wait_until(lambda: len(clinic.taken) == 2 and len(research.taken) == 1)
            wait_until(lambda: node.health()["destinations"][1]["waiting"] == 0)

    assert len(research.reports) == 1


@pytest.mark.parametrize("content", [None, "short"])
def test_it_does_not_start_without_a_key(tmp_path: Path, model_path: Path, content: str | None) -> None:
    changes = {"destinations": destinations(tmp_path, 1, 2)}
    if content:
        (tmp_path / "key").write_text(content)
        changes["pseudonym_key_file"] = tmp_path / "key"

    with pytest.raises(SettingsError, match=r"SERVICE_NODE_PSEUDONYM_KEY_FILE.*openssl rand"):
        Node(node_settings(tmp_path, 1, **changes), Settings(model_path=model_path), Classifier(model_path))
