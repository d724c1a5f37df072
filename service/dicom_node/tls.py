"""DICOM over TLS (PS3.15 annex B): contexts for the listener and for calls to destinations."""

import ssl
from pathlib import Path

from service.dicom_node.destination_file import DicomDestination
from service.dicom_node.settings import NodeSettings
from service.errors import SettingsError
from service.settings import NODE_PREFIX

_NO_PASSWORD = ""  # without one, OpenSSL would ask the terminal for that of an encrypted key


def listener_context(settings: NodeSettings) -> ssl.SSLContext | None:
    """Return the context of the listener, None without a certificate; raises SettingsError."""
    if settings.tls_cert is None:
        if settings.tls_key or settings.tls_client_ca:
            raise SettingsError(f"{NODE_PREFIX}TLS_KEY and {NODE_PREFIX}TLS_CLIENT_CA need {NODE_PREFIX}TLS_CERT.")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load_certificate(context, settings.tls_cert, settings.tls_key)
    if settings.tls_client_ca:
        _load_authority(context, settings.tls_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def caller_context(options: DicomDestination) -> ssl.SSLContext | None:
    """Return the context of calls to a destination, None where it is called in the clear; raises SettingsError."""
    if not options.uses_tls:
        return None
    context = ssl.create_default_context()
    if options.ca:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _load_authority(context, options.ca)
    if options.cert:
        _load_certificate(context, options.cert, options.key)
    return context


def _load_certificate(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    try:
        context.load_cert_chain(certificate, key, _NO_PASSWORD)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            f"{certificate}: not a PEM certificate with its unencrypted key ({_cause(error)})."
        ) from error


def _load_authority(context: ssl.SSLContext, path: Path) -> None:
    try:
        context.load_verify_locations(path)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(f"{path}: not a PEM certificate of an authority ({_cause(error)}).") from error


def _cause(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or type(error).__name__
