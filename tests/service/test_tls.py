import shutil
import signal
import socket
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.running_service import RunningService, running_service
from service.errors import SettingsError
from service.tls import tls_options
from tests.certificates import Authority
from tests.pictures import good_png
from tests.serving import settings_for, wait_until

PNG = {"Content-Type": "image/png"}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def trusting(authority: Authority, certificate: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.path)
    if certificate:
        context.load_cert_chain(*certificate)
    return context


def https(service: RunningService) -> str:
    return f"https://{service.host}:{service.port}"


def serial_shown(service: RunningService, authority: Authority) -> str:
    """Return the serial number of the certificate that a new connection is shown."""
    with (
        socket.create_connection((service.host, service.port)) as plain,
        trusting(authority).wrap_socket(plain, server_hostname=service.host) as secure,
    ):
        return str(secure.getpeercert()["serialNumber"])  # type: ignore[index]


def test_it_answers_over_https_and_takes_a_new_certificate_on_sighup(model_path: Path, authority: Authority) -> None:
    cert, key = authority.issue("service")
    with running_service(model_path, tls_cert=cert, tls_key=key) as service:
        with httpx.Client(base_url=https(service), verify=trusting(authority)) as client:
            assert client.post("/predict", content=good_png(), headers=PNG).status_code == 200
            assert client.post("/predict", content=bytes(25_000_000), headers=PNG).status_code == 413
            before = serial_shown(service, authority)
            authority.issue("service")

            service.process.send_signal(signal.SIGHUP)
            wait_until(lambda: any(line.get("setting") == "SERVICE_TLS_CERT" for line in service.log_lines()))

            assert serial_shown(service, authority) != before
            assert client.get("/health").status_code == 200
        assert service.wait_for_event("listening")["tls"] == "server"
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://{service.host}:{service.port}/health")
        service.terminate()
        assert service.exit_code() == 0


def test_a_client_without_a_certificate_of_the_authority_is_not_heard(
    model_path: Path, authority: Authority, tmp_path: Path
) -> None:
    cert, key = authority.issue("service")
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other").issue("stranger")
    with running_service(model_path, tls_cert=cert, tls_key=key, tls_client_ca=authority.path) as service:
        for shown in (None, stranger):
            with pytest.raises(httpx.HTTPError):
                httpx.get(f"{https(service)}/health", verify=trusting(authority, shown))

        known = trusting(authority, authority.issue("viewer"))
        assert httpx.get(f"{https(service)}/health", verify=known).status_code == 200
        assert service.wait_for_event("listening")["tls"] == "mutual"


def settings(authority: Authority, case: str, folder: Path) -> dict[str, Any]:
    cert, key = authority.issue("service")
    other_key = authority.issue("other")[1]
    text = folder / "text.pem"
    text.write_text("Dear colleague")
    cases: dict[str, dict[str, Any]] = {
        "no certificate there": {"tls_cert": folder / "none.crt", "tls_key": key},
        "no key there": {"tls_cert": cert, "tls_key": folder / "none.key"},
        "no authority there": {"tls_cert": cert, "tls_key": key, "tls_client_ca": folder / "none.pem"},
        "a folder": {"tls_cert": folder, "tls_key": key},
        "text": {"tls_cert": text, "tls_key": key},
        "the key of another": {"tls_cert": cert, "tls_key": other_key},
        "a key under a password": {"tls_cert": cert, "tls_key": authority.issue("locked", b"secret")[1]},
        "an authority of text": {"tls_cert": cert, "tls_key": key, "tls_client_ca": text},
        "a key alone": {"tls_key": key},
        "an authority alone": {"tls_client_ca": authority.path},
    }
    return cases[case]


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        ("no certificate there", r"SERVICE_TLS_CERT=.*none\.crt: cannot be read \(No such file"),
        ("no key there", r"SERVICE_TLS_KEY=.*none\.key: cannot be read \(No such file"),
        ("no authority there", r"SERVICE_TLS_CLIENT_CA=.*none\.pem: cannot be read \(No such file"),
        ("a folder", "SERVICE_TLS_CERT=.*Is a directory"),
        ("text", "SERVICE_TLS_CERT=.*not a PEM certificate"),
        ("the key of another", "SERVICE_TLS_CERT=.*KEY_VALUES_MISMATCH"),
        ("a key under a password", "SERVICE_TLS_CERT=.*unencrypted key"),
        ("an authority of text", "SERVICE_TLS_CLIENT_CA=.*not a PEM certificate"),
        ("a key alone", "need SERVICE_TLS_CERT"),
        ("an authority alone", "need SERVICE_TLS_CERT"),
    ],
)
def test_files_that_cannot_be_used_are_named_in_one_line(
    authority: Authority, tmp_path: Path, case: str, complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint) as caught:
        tls_options(settings_for(tmp_path, **settings(authority, case, tmp_path)))

    assert "\n" not in str(caught.value)


def test_key_and_certificate_may_share_a_file(authority: Authority, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    with both.open("wb") as file:
        for path in authority.issue("service"):
            with path.open("rb") as part:
                shutil.copyfileobj(part, file)

    assert tls_options(settings_for(tmp_path, tls_cert=both))["ssl_certfile"] == both
