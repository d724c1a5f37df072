"""Check the settings, then serve in one process or in several."""

import argparse
import signal
import sys
from collections.abc import Sequence

from service import DISCLAIMER, __version__
from service.auth.hashing_command import print_key_hash
from service.errors import ServiceError, SettingsError
from service.listening import listen
from service.logs import configure_logging
from service.settings import Settings, describe_settings, read_settings

EXIT_REFUSED = 2
_EPILOG = f"""settings (environment variable, default, meaning):
{describe_settings()}

With SERVICE_WORKERS beyond 1 a process that serves nothing replaces each worker that dies.
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
        return _serve(settings)
    except ServiceError as error:
        sys.stderr.write(f"{_parser().prog}: {error}\n")
        return EXIT_REFUSED


def _serve(settings: Settings) -> int:
    """Serve in this process, or in several; each way imports no more than it needs."""
    if settings.workers > 1:
        if not hasattr(signal, "pthread_sigmask"):
            raise SettingsError(f"SERVICE_WORKERS={settings.workers} needs a Unix system. Unset it.")
        from service.supervisor import supervise

        return supervise(settings, listen(settings.host, settings.port))
    from service.worker import serve

    serve(settings)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="brain-mri-service",
        description="Serve a brain-MRI classifier over HTTP. All settings are environment variables. "
        "Without a command it serves; `%(prog)s COMMAND --help` tells of a command.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="{hash-key,predict}")
    hashing = commands.add_parser("hash-key", help="make an API key, and the line of SERVICE_API_KEYS_FILE for it")
    hashing.add_argument("name", help="who will use the key; stands in the audit log")
    hashing.add_argument("--stdin", action="store_true", help="read the key from standard input instead of making one")
    # `service.__main__` hands over to it before it comes here
    commands.add_parser(
        "predict", help="classify files from the command line, with or without a server", add_help=False
    )
    return parser
