"""HTTPS, and client certificates where an authority for them is named."""

import ssl
from pathlib import Path
from typing import Any

from service.errors import SettingsError
from service.settings import Settings

_NO_PASSWORD = ""  # without one, OpenSSL would ask the terminal for that of an encrypted key


def tls_options(settings: Settings) -> dict[str, Any]:
    """Return uvicorn's options, none for plain HTTP; raises SettingsError for files that cannot be used."""
    if settings.tls_cert is None:
        if settings.tls_key or settings.tls_client_ca:
            raise SettingsError("SERVICE_TLS_KEY and SERVICE_TLS_CLIENT_CA need SERVICE_TLS_CERT beside them.")
        return {}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load_certificate(context, settings)
    options: dict[str, Any] = {
        "ssl_certfile": settings.tls_cert,
        "ssl_keyfile": settings.tls_key,
        "ssl_keyfile_password": _NO_PASSWORD,
    }
    if settings.tls_client_ca:
        _load_authority(context, settings.tls_client_ca)
        options |= {"ssl_ca_certs": settings.tls_client_ca, "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return options


def load_certificate(context: ssl.SSLContext, settings: Settings) -> None:
    """Let `context` show the certificate that the files hold now; raises SettingsError."""
    assert settings.tls_cert
    for variable, path in (("SERVICE_TLS_CERT", settings.tls_cert), ("SERVICE_TLS_KEY", settings.tls_key)):
        if path:
            _check_readable(variable, path)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key, _NO_PASSWORD)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            f"SERVICE_TLS_CERT={settings.tls_cert}: not a PEM certificate with its unencrypted key ({_cause(error)})."
        ) from error


def _load_authority(context: ssl.SSLContext, path: Path) -> None:
    _check_readable("SERVICE_TLS_CLIENT_CA", path)
    try:
        context.load_verify_locations(path)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(f"SERVICE_TLS_CLIENT_CA={path}: not a PEM certificate ({_cause(error)}).") from error


def _check_readable(variable: str, path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{variable}={path}: cannot be read ({error.strerror}).") from error


def _cause(error: OSError) -> str:
    return getattr(error, "reason", None) or type(error).__name__
