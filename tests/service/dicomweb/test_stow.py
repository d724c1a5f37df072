"""What a STOW-RS user makes of the answers of an archive."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from service.dicomweb import ArchiveSession, DicomWebOptions, StowUser
from service.errors import PeerRefused, PeerUnavailable
from tests.service.dicom_node.nodes import free_port
from tests.service.dicomweb.archive_server import Told, archive_server

DATA = b"\x00" * 128 + b"DICM and so on"


def failed(reason: int) -> bytes:
    return json.dumps({"00081198": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [reason]}}]}}).encode()


def warning(reason: int) -> bytes:
    return json.dumps({"00081199": {"vr": "SQ", "Value": [{"00081196": {"vr": "US", "Value": [reason]}}]}}).encode()


def stow(url: str, warned: Callable[[], None] = lambda: None, **options: Any) -> StowUser:
    return StowUser(ArchiveSession(DicomWebOptions(url=url, **options)), warned)


def store(told: Told, **options: Any) -> list[str]:
    """Store an object; returns a word for each warning."""
    warned: list[str] = []
    with archive_server(told) as running:
        stow(running.url, lambda: warned.append("warned"), **options).store(DATA)
    return warned


def test_an_object_is_sent_as_one_part_of_a_related_message() -> None:
    told = Told()

    assert store(told) == []

    ((path, headers, body),) = told.asked
    boundary = headers["Content-Type"].partition("boundary=")[2]
    assert path == "/dicom-web/studies"
    assert headers["Content-Type"].startswith('multipart/related; type="application/dicom"')
    assert body == f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + DATA + (
        f"\r\n--{boundary}--\r\n".encode()
    )


@pytest.mark.parametrize("told", [Told(202), Told(202, warning(0xB000)), Told(200, warning(0xB007))])
def test_a_warning_counts_as_taken(told: Told) -> None:
    assert store(told) == ["warned"]


@pytest.mark.parametrize("told", [Told(200, b""), Told(200, b"<xml/>"), Told(200, b"[]"), Told(204, b"")])
def test_an_answer_that_says_nothing_counts_as_taken(told: Told) -> None:
    assert store(told) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (Told(503), "HTTP 503"),
        (Told(429), "HTTP 429"),
        (Told(401), "HTTP 401"),
        (Told(403), "HTTP 403"),
        (Told(404), "HTTP 404"),
        (Told(409, failed(0xA700)), "STOW failure A700"),
        (Told(202, failed(0x0110)), "STOW failure 0110"),
    ],
)
def test_what_may_pass_is_told_from_what_is_final(told: Told, said: str) -> None:
    with pytest.raises(PeerUnavailable, match=said):
        store(told)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (Told(400), "HTTP 400"),
        (Told(413), "HTTP 413"),
        (Told(415), "HTTP 415"),
        (Told(302, headers={"Location": "http://127.0.0.1:1/elsewhere"}), "HTTP 302"),
        (Told(409), "STOW failure 0000"),
        (Told(409, failed(0xA900)), "STOW failure A900"),
        (Told(202, failed(0xC122)), "STOW failure C122"),
        (Told(200, b'{"00081198": {"Value": [{}]}}'), "STOW failure 0000"),
    ],
)
def test_what_is_final_is_refused(told: Told, said: str) -> None:
    with pytest.raises(PeerRefused, match=said):
        store(told)


def test_an_archive_that_is_silent_or_not_there_may_come_back() -> None:
    with pytest.raises(PeerUnavailable, match="no answer in time"):
        store(Told(delay_s=0.5), timeout_s=0.1)
    with pytest.raises(PeerUnavailable, match="no connection"):
        stow(f"http://127.0.0.1:{free_port()}/dicom-web").store(DATA)


def test_a_giant_answer_is_not_read_to_its_end() -> None:
    assert store(Told(200, b" " * 5_000_000)) == []


def test_secrets_are_read_from_their_files_for_each_request(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    with archive_server() as told:
        secret.write_text("first\n")
        user = stow(told.url, token_file=secret)
        user.store(DATA)
        secret.write_text("second\n")
        user.store(DATA)
        stow(told.url, user="ai", password_file=secret).store(DATA)

    assert [headers["Authorization"] for _, headers, _ in told.asked] == [
        "Bearer first",
        "Bearer second",
        "Basic YWk6c2Vjb25k",
    ]


def test_a_secret_that_cannot_be_read_is_a_pause_and_no_request(tmp_path: Path) -> None:
    told = Told()
    with pytest.raises(PeerUnavailable, match="file of the password or token"):
        store(told, token_file=tmp_path / "none")

    assert told.asked == []


@pytest.mark.parametrize(
    "options",
    [
        {"url": "ftp://pacs"},
        {"url": "https://user:secret@pacs/dicom-web"},
        {"url": "https://pacs/dicom-web?x=1"},
        {"url": "https://pacs", "user": "ai"},
        {"url": "https://pacs", "user": "ai", "password_file": "p", "token_file": "t"},
        {"url": "https://pacs", "key": "k"},
        {"url": "https://pacs", "timeout_s": 0},
        {"url": "https://pacs", "colour": "red"},
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DicomWebOptions.model_validate(options)
