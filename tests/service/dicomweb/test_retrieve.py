"""What QIDO-RS and WADO-RS users make of the answers of an archive."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from service.dicomweb import ArchiveSession, DicomWebOptions, FoundStudy, QidoUser, WadoUser, is_uid
from service.errors import PeerError, PeerLacks, PeerRefused, PeerTooLarge, PeerUnavailable
from tests.service.dicomweb.archive_server import Told, archive_server

T = TypeVar("T")
FILE = b"\x00" * 128 + b"DICM" + bytes(range(256)) * 40
HEADERS = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=xyz'}


def message(*parts: bytes, end: bytes = b"--xyz--\r\n") -> bytes:
    return b"".join(b"--xyz\r\nContent-Type: application/dicom\r\n\r\n" + part + b"\r\n" for part in parts) + end


def ask(told: Told, question: Callable[[ArchiveSession], T], **options: Any) -> T:
    with archive_server(told) as running:
        session = ArchiveSession(DicomWebOptions(url=running.url, **options))
        try:
            return question(session)
        finally:
            session.close()


def instance(told: Told, max_bytes: int = 100_000, **options: Any) -> bytes:
    return ask(told, lambda session: WadoUser(session).instance("1.1", "1.2", "1.3", max_bytes), **options)


def series(told: Told) -> list[tuple[str, str]]:
    return ask(told, lambda session: QidoUser(session).series("1.1"))


def found(**values: object) -> dict[str, Any]:
    tags = {"study": "0020000D", "series": "0020000E", "modality": "00080060", "count": "00201208"}
    vrs = {"study": "UI", "series": "UI", "modality": "CS", "count": "IS"}
    return {tags[name]: {"vr": vrs[name], "Value": [value]} for name, value in values.items()}


@pytest.mark.parametrize("body", [message(FILE), b"\r\n" + message(FILE)])
def test_an_instance_comes_as_the_only_part(body: bytes) -> None:
    told = Told(200, body, HEADERS)

    assert instance(told) == FILE

    ((path, headers, _),) = told.asked
    assert path == "/dicom-web/studies/1.1/series/1.2/instances/1.3"
    assert headers["Accept"] == 'multipart/related; type="application/dicom"; transfer-syntax=*'


def test_an_instance_may_come_bare() -> None:
    assert instance(Told(200, FILE, {"Content-Type": "application/dicom"})) == FILE


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Told(200, message(FILE, FILE), HEADERS), PeerRefused),
        (Told(200, message(), HEADERS), PeerRefused),
        (Told(200, message(FILE, end=b""), HEADERS), PeerRefused),
        (Told(200, message(FILE)[:-40], HEADERS), PeerRefused),
        (Told(200, b"", HEADERS), PeerRefused),
        (Told(200, FILE, {"Content-Type": "text/html"}), PeerRefused),
        (Told(200, FILE, {"Content-Type": "multipart/related"}), PeerRefused),
        (Told(200, message(b"x" * 100_001), HEADERS), PeerTooLarge),
        (Told(200, b"x" * 300_000, HEADERS), PeerTooLarge),
        (Told(404), PeerLacks),
        (Told(410), PeerLacks),
        (Told(409), PeerRefused),
        (Told(406), PeerRefused),
        (Told(302, headers={"Location": "http://127.0.0.1:1/elsewhere"}), PeerRefused),
        (Told(500), PeerUnavailable),
        (Told(401), PeerUnavailable),
    ],
)
def test_what_is_no_instance_is_told_apart(told: Told, error: type[PeerError]) -> None:
    with pytest.raises(PeerError) as raised:
        instance(told)

    assert type(raised.value) is error


def test_an_archive_that_is_silent_is_left() -> None:
    with pytest.raises(PeerUnavailable, match="no answer in time"):
        instance(Told(200, message(FILE), HEADERS, delay_s=0.5), timeout_s=0.1)


def test_an_archive_that_sends_byte_by_byte_is_left_too() -> None:
    told = Told(200, message(b"x" * 10_000), HEADERS, pause_s=0.02)
    began = time.monotonic()

    with pytest.raises(PeerUnavailable, match="no whole answer in time"):
        instance(told, timeout_s=0.05)

    assert time.monotonic() - began < 30  # the whole takes minutes


@pytest.mark.parametrize("body", [b"<xml/>", b"{}", b"[1]", b"[" * 100_000, b"\xff"])
def test_what_is_no_dicom_json_is_refused(body: bytes) -> None:
    with pytest.raises(PeerRefused):
        series(Told(200, body))


@pytest.mark.parametrize("told", [Told(200, b"[]"), Told(204, b"")])
def test_nothing_found_is_no_error(told: Told) -> None:
    assert series(told) == []


def test_series_come_with_their_modality_and_without_a_uid_not_at_all() -> None:
    answer = [
        found(series="1.9", modality="MR"),
        found(series="1.10"),
        found(series="../../x", modality="MR"),
        found(modality="MR"),
        {"0020000E": {"vr": "UI", "Value": [7]}, "00080060": "nonsense"},
        {"0020000E": {"vr": "SQ", "Value": "x"}},
    ]

    assert series(Told(200, json.dumps(answer).encode())) == [("1.10", ""), ("1.9", "MR")]


def test_metadata_is_read_as_far_as_it_can_be() -> None:
    answer = [{"00080018": {"vr": "UI", "Value": ["1.3"]}, "00280008": {"vr": "IS", "Value": ["many"]}}]
    keywords = ["SOPInstanceUID", "NumberOfFrames", "Modality"]

    (header,) = ask(
        Told(200, json.dumps(answer).encode()), lambda session: WadoUser(session).metadata("1.1", "1.2", keywords)
    )

    assert [element.keyword for element in header] == ["SOPInstanceUID"]


def test_an_archive_that_knows_no_pages_is_asked_twice() -> None:
    told = Told(200, json.dumps([found(study="1.2", count=5), found(study="1.1")]).encode())

    studies = ask(told, lambda session: list(QidoUser(session).studies({"ModalitiesInStudy": "MR"})))

    assert studies == [FoundStudy("1.1", ""), FoundStudy("1.2", "5")]
    assert [path.partition("?")[2] for path, _, _ in told.asked] == [
        f"ModalitiesInStudy=MR&includefield=NumberOfStudyRelatedInstances&limit=100&offset={offset}"
        for offset in (0, 2)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2.840", True),
        ("01.2", True),
        ("", False),
        (".1", False),
        ("1..2", False),
        ("1.2/3", False),
        ("1" * 65, False),
    ],
)
def test_only_digits_and_dots_stand_in_addresses(text: str, expected: bool) -> None:
    assert is_uid(text) is expected
