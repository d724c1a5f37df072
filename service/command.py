"""Check the settings, load the model, open the port, serve."""

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence

from service import DISCLAIMER, __version__
from service.app import create_app
from service.classifier import Classifier
from service.errors import ServiceError
from service.logs import configure_logging
from service.runtime import load_classifier
from service.server import Server, listen
from service.settings import Settings, describe_settings, read_settings, unknown_settings

EXIT_REFUSED = 2
_LOG = logging.getLogger("service")
_EPILOG = f"""settings (environment variable, default, meaning):
{describe_settings()}

exit codes:
  0  stopped by SIGTERM or SIGINT after every admitted request was answered
  2  a setting, the model file or the port cannot be used; one line on standard error says which

{DISCLAIMER}"""


def run(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; returns the exit code."""
    _parser().parse_args(arguments)
    try:
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
    _announce(settings, classifier, port)
    server.run([port])


def _announce(settings: Settings, classifier: Classifier, port: socket.socket) -> None:
    if unknown := unknown_settings(os.environ):
        _LOG.warning("unknown settings are ignored", extra={"settings": unknown})
    card = classifier.card
    identity = {"model": card.name, "version": card.version, "sha256": classifier.sha256}
    address = {"host": settings.host, "port": port.getsockname()[1], "threads": settings.threads}
    _LOG.info("listening", extra=identity | address)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="brain-mri-service",
        description="Serve a brain-MRI classifier over HTTP. All settings are environment variables. "
        "`%(prog)s predict FILE...` asks it from the command line; see `%(prog)s predict --help`.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser
