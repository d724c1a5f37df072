"""A patient's name in every place where it can stand, and nothing of it in whatever the service writes or says.

What is answered to the very client is searched as well: an error body is copied into tickets and logs of others.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from benchmarks.running_service import running_service
from service.reports.offers import MEDIA_TYPES
from tests.callers import write_keys
from tests.issuer import Issuer, running_issuer
from tests.pictures import dark, encode, good_png
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import nifti
from tests.serving import PATIENCE_S
from tests.wire import connect

FAMILY, GIVEN = "ZEBROWSKI", "WILHELMINA"
NAME = f"{FAMILY}^{GIVEN}"
SANE = f"{FAMILY}.{GIVEN}"  # passes for a word wherever only words are taken


@dataclass
class Written:
    """Everything that came out of the service: answers in `bodies`, the rest once it has ended."""

    bodies: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    log: str = ""
    audit: str = ""
    metrics: str = ""

    def note(self, answer: httpx.Response) -> None:
        self.statuses.append(answer.status_code)
        self.bodies.append(f"{answer.headers}\n{answer.text}")


def named_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Patient", NAME)
    return encode(dark(), pnginfo=info)


def named_jpeg(**options: Any) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = NAME
    return encode(dark(), "JPEG", comment=NAME.encode(), exif=exif, **options)


def named_dicom(**changes: Any) -> bytes:
    tags = {
        "PatientName": NAME,
        "PatientID": FAMILY,
        "PatientComments": NAME,
        "InstitutionName": FAMILY,
        "StudyDescription": NAME,
        "SeriesDescription": NAME,
        "ImageComments": NAME,
        "OtherPatientNames": NAME,
    }
    return dicom(dark(), **{**tags, **changes})


def images() -> dict[str, bytes]:
    """Return files that carry the name: good ones, and ones that are refused for as many reasons as there are."""
    return {
        "png": named_png(),
        "truncated png": named_png()[:200],
        "jpeg": named_jpeg(),
        "truncated jpeg": named_jpeg()[:1200],
        "gif": b"GIF89a" + NAME.encode(),
        "text": NAME.encode(),
        "zip": b"PK\x03\x04" + NAME.encode(),
        "dicom": named_dicom(),
        "truncated dicom": named_dicom()[:-2000],
        "dicom of no known modality": named_dicom(Modality=FAMILY[:9]),
        "dicom of no known colours": named_dicom(PhotometricInterpretation=FAMILY),
        "dicom without columns": named_dicom(Columns=None),
        "dicom with a false window": named_dicom(WindowCenter="1", WindowWidth=None),
        "nifti": nifti(np.dstack([dark()] * 2), descrip=NAME.encode(), db_name=FAMILY.encode()),
        "truncated nifti": nifti(np.dstack([dark()] * 2), descrip=NAME.encode())[:400],
        "blank": encode(np.zeros((40, 40), np.uint8)),
    }


def send_images(client: httpx.Client, written: Written) -> None:
    for data in images().values():
        for parameters in ({}, {"explain": "true"}):
            written.note(client.post("/predict", content=data, params=parameters, headers=type_of("image/png")))
        written.note(client.post("/predict", files={"file": (f"/archive/{NAME}/{SANE}.dcm", data)}))
        for accept in MEDIA_TYPES:  # these name the patient where they are answered, so that only their trail is kept
            client.post("/predict", content=data, headers={"Accept": accept, **type_of("application/dicom")})


def send_elsewhere(client: httpx.Client, written: Written) -> None:
    """Put the name into forms, headers, queries, paths and methods."""
    form = {"Content-Disposition": f'form-data; name="file"; filename="{NAME}"; {SANE}="{NAME}"', SANE: NAME}
    written.note(client.post("/predict", files={NAME: (NAME, good_png(), NAME, form)}))
    written.note(client.post("/predict", files={"file": good_png()}, data={NAME: NAME}))
    for boundary in (NAME, SANE):
        written.note(
            client.post("/predict", content=b"x", headers=type_of(f"multipart/form-data; boundary={boundary}"))
        )
    written.note(client.post("/predict", content=b"x", headers=type_of(f"image/{SANE}; name={NAME}")))
    written.note(client.post("/predict", content=b"x", headers=type_of(f"{SANE}/{SANE}")))
    for query in ({NAME: NAME}, {"explain": NAME}, {"frame": NAME}):
        written.note(client.post("/predict", content=good_png(), params=query))
    for path in (f"/{NAME}", f"/predict/{SANE}", f"/problems/{SANE}", f"/docs/assets/{SANE}", f"/static/{SANE}"):
        written.note(client.get(path, params={NAME: NAME}))
        written.note(client.post(path, content=good_png()))
    written.note(client.request(FAMILY, "/predict"))
    written.note(
        client.options("/predict", headers={"Origin": f"https://{SANE}", "Access-Control-Request-Method": FAMILY})
    )


def send_credentials(client: httpx.Client, issuer: Issuer, written: Written) -> None:
    """Put the name into keys and tokens, accepted and refused ones."""
    tokens = [
        issuer.token(sub=NAME, name=NAME, email=f"{SANE}@hospital.test"),
        issuer.token(sub=NAME, exp=1),
        issuer.token(sub=NAME, aud=NAME),
        issuer.token(sub=NAME, iss=NAME),
        issuer.token(headers={"kid": NAME}),
    ]
    for secret in (NAME, SANE, f"{FAMILY}.{GIVEN}.{FAMILY}", *tokens):
        for header, value in (("Authorization", f"Bearer {secret}"), ("X-API-Key", secret), ("Authorization", secret)):
            headers = {header: value, **({} if header == "X-API-Key" else {"X-API-Key": NAME})}
            written.note(client.post("/predict", content=named_png(), headers=headers))


def send_no_http(port: int) -> None:
    for line in (f"{NAME}\r\n\r\n", f"GET /{NAME} HTTP/9.9\r\n\r\n", f"POST /predict HTTP/1.1\r\n{NAME}\r\n\r\n"):
        with connect(port) as connection:
            connection.sendall(line.encode())
            connection.recv(4096)


def type_of(media_type: str) -> dict[str, str]:
    return {"Content-Type": media_type}


@pytest.fixture(scope="module")
def written(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """Send everything to a service with everything switched on, and keep what it wrote."""
    folder, written = tmp_path_factory.mktemp("privacy"), Written()
    key = write_keys(folder / "keys", "viewer")["viewer"]
    everywhere = {"User-Agent": NAME, "X-Patient": NAME, "Referer": f"https://{SANE}/", "Cookie": f"{SANE}={NAME}"}
    ids = {"X-Request-ID": NAME, "X-Forwarded-For": SANE, "traceparent": NAME}
    with running_issuer() as issuer:
        on = {"api_keys_file": folder / "keys", "audit_log": folder / "audit", "cors_origins": "https://viewer.test"}
        with running_service(model_path, rate_limit="100000/second", **on, **issuer.settings()) as service:
            with httpx.Client(base_url=service.url, headers=everywhere | ids, timeout=PATIENCE_S) as client:
                send_credentials(client, issuer, written)
                client.headers["X-API-Key"] = key
                send_images(client, written)
                send_elsewhere(client, written)
                send_no_http(service.port)
                written.metrics = client.get("/metrics").text
            service.terminate()
            service.exit_code()
            written.log = service.log.read_text()
    written.audit = (folder / "audit").read_text()
    yield written


def test_what_was_sent_met_every_kind_of_answer(written: Written) -> None:
    assert {200, 400, 401, 404, 405, 415, 422} <= set(written.statuses)
    assert 500 not in written.statuses
    assert "token:" in written.audit and "key:viewer" in written.audit


@pytest.mark.parametrize("place", ["log", "audit", "metrics"])
def test_nothing_that_is_kept_names_the_patient(written: Written, place: str) -> None:
    text = getattr(written, place)

    assert text.count("\n") > 20
    assert FAMILY not in text.upper()
    assert GIVEN not in text.upper()


def test_no_answer_names_the_patient(written: Written) -> None:
    leaks = [body for body in written.bodies if FAMILY in body.upper() or GIVEN in body.upper()]

    assert leaks == []


def test_the_search_would_find_the_name() -> None:
    """The pictures really carry it, so that its absence means something."""
    kept = [name for name, data in images().items() if FAMILY.encode() in data]

    assert len(kept) >= 14
    assert Image.open(io.BytesIO(named_png())).text["Patient"] == NAME  # type: ignore[attr-defined]
