"""Check the settings, load the model, open the port, serve."""

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence

from fastapi import FastAPI

from service import DISCLAIMER, __version__
from service.app import create_app
from service.auth.hashing_command import print_key_hash
from service.classifier import Classifier, load_classifier
from service.errors import ServiceError
from service.logs import configure_logging
from service.reloading import Reloader
from service.server import Server, listen
from service.settings import Settings, describe_settings, read_settings, unknown_settings

EXIT_REFUSED = 2
_LOG = logging.getLogger("service")
_EPILOG = f"""settings (environment variable, default, meaning):
{describe_settings()}

SIGHUP reads API keys, certificate and model again and opens the audit log anew; what cannot be used leaves the old.

exit codes:
  0  stopped by SIGTERM or SIGINT after every admitted request was answered
  2  a setting, the model file or the port cannot be used; one line on standard error says which

{DISCLAIMER}"""


def run(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        if given.command == "hash-key":
            return print_key_hash(given.name, sys.stdin if given.stdin else None)
        settings = read_settings()
        configure_logging()
        classifier = load_classifier(settings.model_path)
        _serve(settings, classifier, listen(settings.host, settings.port))
    except ServiceError as error:
        sys.stderr.write(f"{_parser().prog}: {error}\n")
        return EXIT_REFUSED
    return 0


def _serve(settings: Settings, classifier: Classifier, port: socket.socket) -> None:
    app = create_app(settings, classifier)
    server = Server(app, settings, app.state.runtime.admission)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, Reloader(app.state.runtime, server.reload_certificate).ask)
    _announce(app, settings, classifier, port)
    server.run([port])


def _announce(app: FastAPI, settings: Settings, classifier: Classifier, port: socket.socket) -> None:
    if unknown := unknown_settings(os.environ):
        _LOG.warning("unknown settings are ignored", extra={"settings": unknown})
    card = classifier.card
    identity = {"model": card.name, "version": card.version, "sha256": classifier.sha256}
    auth = "required" if app.state.runtime.authenticator.required else "none"
    address = {
        "auth": auth,
        "tls": _tls(settings),
        "host": settings.host,
        "port": port.getsockname()[1],
        "threads": settings.threads,
    }
    _LOG.info("listening", extra=identity | address)


def _tls(settings: Settings) -> str:
    if settings.tls_cert is None:
        return "none"
    return "mutual" if settings.tls_client_ca else "server"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="brain-mri-service",
        description="Serve a brain-MRI classifier over HTTP. All settings are environment variables. "
        "`%(prog)s predict FILE...` asks it from the command line; see `%(prog)s predict --help`.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="{hash-key}")
    hashing = commands.add_parser("hash-key", help="make an API key, and the line of SERVICE_API_KEYS_FILE for it")
    hashing.add_argument("name", help="who will use the key; stands in the audit log")
    hashing.add_argument("--stdin", action="store_true", help="read the key from standard input instead of making one")
    return parser
